// Why tests were left out, each reason once with how many tests it concerns: a skip that nobody reads is a test that nobody runs.

const UNNAMED = 'no reason is given';

/** The distinct reasons of skips as text, the most frequent first. */
export function formatSkips(reasons) {
  const counts = new Map();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([reason, count]) => `– ${count} left out: ${reason}`)
    .join('\n');
}

/** Of an event of node:test about a test that was skipped; undefined of others. */
export function unitSkip({ type, data }) {
  const { skip } = data;
  if (type !== 'test:pass' || skip === undefined || skip === false) return undefined;
  return typeof skip === 'string' && skip !== '' ? skip : UNNAMED;
}

/** Of a report that Playwright's JSON reporter wrote, a reason for each test that was skipped. */
export function browserSkips({ suites }) {
  return suites.flatMap(skipsOf);
}

function skipsOf({ specs = [], suites = [] }) {
  const own = specs.flatMap(({ tests }) => tests.filter(({ status }) => status === 'skipped').map(reasonOf));
  return [...own, ...suites.flatMap(skipsOf)];
}

function reasonOf({ annotations = [], results = [] }) {
  const all = [...annotations, ...results.flatMap((result) => result.annotations ?? [])];
  const reason = all.find(({ type }) => type === 'skip' || type === 'fixme')?.description;
  return reason ? reason.replace(/\s+/g, ' ').trim() : UNNAMED;
}
