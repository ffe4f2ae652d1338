import { unitSkip } from './skip-summary.mjs';

/** A reporter for node:test that writes its closing counts, what failed and why tests were skipped as JSON, for `npm test` to add up. */
export default async function* countReporter(events) {
  const counts = { pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0 };
  const failures = [];
  const skips = [];
  for await (const event of events) {
    const { type, data } = event;
    const skip = unitSkip(event);
    if (skip !== undefined) skips.push(skip);
    if (type === 'test:fail' && isOwnFailure(data)) failures.push(failureOf(data));
    if (type !== 'test:diagnostic') continue;
    const [, name, count] = /^(pass|fail|cancelled|skipped|todo) (\d+)$/.exec(data.message) ?? [];
    // The run's own counts come last and replace what a test may have said in the same words.
    if (name !== undefined) counts[name] = Number(count);
  }
  yield JSON.stringify({ ...counts, failures, skips });
}

/** Suites, files and tests around others fail by these, which are told of themselves; an expected failure is none. */
function isOwnFailure({ todo, details: { error } }) {
  return todo === undefined && error.failureType !== 'subtestsFailed';
}

function failureOf({ name, file, details: { error } }) {
  const cause = error.cause instanceof Error ? error.cause : error;
  return { title: name, file, reason: cause.stack ?? cause.message };
}
