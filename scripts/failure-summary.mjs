// What failed, once more and in short: at the end of a log that may have been cut in its middle.
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ROOT } from './run-program.mjs';

const REASON_LENGTH_MAX = 800;
const FAILURES_MAX = 30;

/** Failures as text, each a title with its place and the start of its reason. */
export function formatFailures(failures) {
  const shown = failures.slice(0, FAILURES_MAX);
  const texts = shown.map(({ title, file, reason }) => `✖ ${shortPath(title)} (${shortPath(file)})\n${indent(reason)}`);
  if (shown.length < failures.length) texts.push(`… and ${failures.length - shown.length} more, above`);
  return texts.join('\n');
}

/** The failures of a report that Playwright's JSON reporter wrote. */
export function browserFailures({ suites, errors }) {
  const outside = errors.map(({ message, location }) => ({
    title: 'the browser tests',
    file: location?.file,
    reason: message,
  }));
  return [...outside, ...suites.flatMap((suite) => failuresOf(suite))];
}

function failuresOf({ file, specs = [], suites = [] }) {
  const own = specs.flatMap(({ title, tests }) =>
    tests
      .filter(({ status }) => status === 'unexpected' || status === 'flaky')
      .map(({ results }) => ({
        title,
        file,
        reason: results.flatMap(({ errors }) => errors.map(({ message }) => message)).join('\n'),
      })),
  );
  return [...own, ...suites.flatMap((suite) => failuresOf(suite))];
}

function shortPath(file = '') {
  return file.startsWith(ROOT) ? relative(ROOT, file) : file;
}

function indent(reason = '') {
  const text = stripVTControlCharacters(reason).slice(0, REASON_LENGTH_MAX);
  return text.replace(/^/gm, '    ');
}
