/** A reporter for node:test that writes its closing counts as JSON, for `npm test` to add up. */
export default async function* countReporter(events) {
  const counts = { pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0 };
  for await (const { type, data } of events) {
    if (type !== 'test:diagnostic') continue;
    const [, name, count] = /^(pass|fail|cancelled|skipped|todo) (\d+)$/.exec(data.message) ?? [];
    // The run's own counts come last and replace what a test may have said in the same words.
    if (name !== undefined) counts[name] = Number(count);
  }
  yield JSON.stringify(counts);
}
