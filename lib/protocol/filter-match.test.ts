import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { FacetView } from './filter';
import { isUnfiltered, matchesFacet, matchesLine, matchesTime } from './filter-match';
import { type FilterSource, parseFilter } from './filter-parse';

function filter(source: FilterSource) {
  const parsed = parseFilter(source);
  assert.ok(parsed.ok, 'not valid');
  return parsed.filter;
}

const plain: FacetView = { stream: 'stdout', level: 'info' };
const build: FacetView = { stream: 'stderr', level: 'error', task: { id: 't1', name: 'build', attempt: 2 } };

it('an empty filter passes all lines and says so', () => {
  assert.equal(isUnfiltered(filter({})), true);
  assert.equal(matchesLine(filter({}), plain, 0, ''), true);
  for (const source of [
    { level: 'info' },
    { stream: 'stdout' },
    { task_run_id: 'x' },
    { task_name: 'x' },
    { attempt: 1 },
    { from: 0 },
    { to: 1 },
    { q: 'x' },
  ]) {
    assert.equal(isUnfiltered(filter(source)), false, JSON.stringify(source));
  }
});

it('a facet passes where all sets have it', () => {
  const cases: Array<[source: FilterSource, plain: boolean, build: boolean]> = [
    [{ level: 'info' }, true, false],
    [{ level: 'info,error' }, true, true],
    [{ level: 'error', stream: 'stdout' }, false, false],
    [{ stream: 'stderr' }, false, true],
    [{ task_run_id: 't1,t2' }, false, true],
    [{ task_run_id: 't2' }, false, false],
    [{ task_name: 'build' }, false, true],
    [{ task_name: 'Build' }, false, false],
    [{ attempt: '1' }, false, false],
    [{ attempt: '2', task_name: 'build' }, false, true],
  ];
  for (const [source, plainPasses, buildPasses] of cases) {
    assert.equal(matchesFacet(filter(source), plain), plainPasses, JSON.stringify(source));
    assert.equal(matchesFacet(filter(source), build), buildPasses, JSON.stringify(source));
  }
});

it('a time passes from the first microsecond to before the last', () => {
  const span = filter({ from: '1', to: '2' });
  assert.deepEqual(
    [999, 1000, 1999, 2000].map((us) => matchesTime(span, us)),
    [false, true, true, false],
  );
  assert.equal(matchesTime(filter({ from: '1' }), 5_000_000), true);
  assert.equal(matchesTime(filter({ to: '1' }), 0), true);
});

it('a line passes where facet, time and text do', () => {
  const all = filter({ level: 'error', from: '1', q: 'boom' });
  assert.equal(matchesLine(all, build, 1000, 'Boom'), true);
  assert.equal(matchesLine(all, plain, 1000, 'Boom'), false);
  assert.equal(matchesLine(all, build, 999, 'Boom'), false);
  assert.equal(matchesLine(all, build, 1000, 'calm'), false);
});
