import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeRuns } from './make-runs';
import { openTestStore, type TestStore } from './testing/test-store';

let context: TestStore;
before(async () => {
  context = await openTestStore();
});
after(() => context.close());

test('makes the unknown ones of many runs and finds the others, each once', async () => {
  const { sql } = context.store.database;
  const first = await makeRuns(sql, ['a', 'b', 'a']);
  assert.deepEqual([...first.keys()].sort(), ['a', 'b']);
  const again = await makeRuns(sql, ['b', 'c']);
  assert.deepEqual(again.get('b'), first.get('b'));
  const run = await context.store.readRun('c');
  assert.equal(run?.status, 'running');
  assert.equal(run?.job_name, 'c');
  assert.deepEqual(await makeRuns(sql, []), new Map());
});

test('gives everybody the same runs who makes them at the same moment', async () => {
  const ids = Array.from({ length: 50 }, (_, n) => `crowd-${n}`);
  const found = await Promise.all(Array.from({ length: 8 }, () => makeRuns(context.store.database.sql, ids)));
  for (const runs of found) assert.deepEqual(runs, found[0]);
  assert.equal(new Set([...(found[0]?.values() ?? [])].map(({ key }) => key)).size, 50);
});
