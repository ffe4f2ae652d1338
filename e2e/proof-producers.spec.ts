import { expect, test } from '@playwright/test';
import { sendBadLineFarIn } from './proof/producers-bad-line';
import { breakCommits } from './proof/producers-commit';
import { repeatBatches } from './proof/producers-repeat';
import { comeBackAfterRestore } from './proof/producers-restore';
import { ServerPair } from './proof/server-pair';
import { openDumpedStore, openFolderStore } from './proof/store-copies';
import { seeded } from './seeded';

/** The short forms of `npm run soak -- producers`, on two servers. */

const SEED = 20_262;
let pair: ServerPair;

test.beforeAll(async () => {
  pair = await ServerPair.start();
});

test.afterAll(async () => {
  await pair?.close();
});

test('a producer that repeats, re-cuts, doubles and breaks off at two servers adds nothing twice and misses nothing', async () => {
  expect((await repeatBatches(pair, seeded(SEED), 8000)).broken).toEqual([]);
});

test('a large body is stored up to just before its bad line, and the answer says where that is', async () => {
  const outcome = await sendBadLineFarIn(pair.direct, seeded(SEED), { lines: 100_000, badLine: 70_001 });
  expect(outcome.broken).toEqual([]);
});

test('a commit whose answer is lost is told as uncertain, and its repeat adds nothing twice', async () => {
  const outcome = await breakCommits(pair, ['terminate']);
  expect(outcome.broken).toEqual([]);
  expect(outcome.answers[503]).toBe(2);
});

test('after a data folder was put back producers send the rest again, and readers of every kind begin anew', async () => {
  const store = await openFolderStore();
  try {
    expect((await comeBackAfterRestore(store, 1000)).broken).toEqual([]);
  } finally {
    await store.close();
  }
});

test('after a dump was put back producers send the rest again, and readers of every kind begin anew', async () => {
  const store = await openDumpedStore();
  test.skip(store === undefined, 'no Postgres here has pg_dump: apt-get install postgresql');
  if (!store) return;
  try {
    expect((await comeBackAfterRestore(store, 1000)).broken).toEqual([]);
  } finally {
    await store.close();
  }
});
