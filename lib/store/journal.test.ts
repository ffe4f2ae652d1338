import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { trimJournal } from './journal';
import { releaseLease, takeLease } from './leases';
import { findSilentRuns } from './silent-runs';
import { makeLine } from './testing/make-lines';
import { appendLines, committed, linesStep, makeRun, openTestStore, type TestStore } from './testing/test-store';

describe('journal and leases', () => {
  let context: TestStore;
  before(async () => {
    context = await openTestStore();
  });
  after(() => context.close());

  const FUTURE_US = Date.UTC(2099, 0, 1) * 1000;

  test('trims old entries but never the newest, and says how far', async () => {
    const { store } = context;
    const run = await makeRun(store, 'trimmed');
    for (let n = 0; n < 5; n++) await appendLines(store, run, [makeLine(`${n}`)]);
    const before = await store.journalHead();
    assert.equal(before.trimmedThrough, 0);
    assert.equal(await trimJournal(store.database.sql, 0, 0), 0, 'nothing is that old');
    const entries = await store.readJournal(0, 100);
    assert.equal(await trimJournal(store.database.sql, FUTURE_US, 0), entries.length - 1);
    const trimmed = await store.journalHead();
    assert.deepEqual(trimmed, { position: before.position, trimmedThrough: entries.at(-2)?.position });
    assert.deepEqual(
      (await store.readJournal(0, 100)).map((entry) => entry.position),
      [before.position],
    );
    const next = await appendLines(store, run, [makeLine('next')]);
    assert.equal(next.previousPosition, before.position, 'positions go on');
  });

  test('keeps entries of a deleted run out of what is read, without moving the head back', async () => {
    const { store } = context;
    const run = await makeRun(store, 'deleted');
    await appendLines(store, run, [makeLine('x')]);
    const { position } = await store.journalHead();
    await store.deleteRun('deleted');
    assert.equal((await store.journalHead()).position, position);
    assert.ok((await store.readJournal(0, 100)).every((entry) => entry.id !== 'deleted'));
  });

  test('forgets producers that were not seen since a time', async () => {
    const { store } = context;
    const run = await makeRun(store, 'producers');
    const source = randomUUID();
    committed(await store.append([linesStep(run, [makeLine('x')])], [{ source, expected: 0, next: 1 }]));
    await trimJournal(store.database.sql, 0, 0);
    assert.equal((await store.sourcePositions([source])).get(source), 1);
    await trimJournal(store.database.sql, 0, FUTURE_US);
    assert.equal((await store.sourcePositions([source])).size, 0);
  });

  test('gives a lease to one holder at a time, and to the next when it ends or is given back', async () => {
    const { sql } = context.store.database;
    const [one, two] = [randomUUID(), randomUUID()];
    assert.equal(await takeLease(sql, 'work', one, 60_000), true);
    assert.equal(await takeLease(sql, 'work', one, 60_000), true, 'its holder renews it');
    assert.equal(await takeLease(sql, 'work', two, 60_000), false);
    await releaseLease(sql, 'work', one);
    assert.equal(await takeLease(sql, 'work', two, -1), true);
    assert.equal(await takeLease(sql, 'work', one, 60_000), true, 'the lease of two is over');
  });

  test('finds silent runs from the later of their last heartbeat and the server’s start', async () => {
    const { store } = context;
    const { sql } = store.database;
    const create = {
      kind: 'create' as const,
      id: 'silent',
      jobName: 's',
      status: 'running' as const,
      heartbeatSeconds: 10,
    };
    committed(await store.append([create], []));
    const ids = async (startUs: number) => (await findSilentRuns(sql, startUs)).map((run) => run.id);
    assert.deepEqual(await ids(0), [], 'it was just heard');
    await sql`update job_runs set last_heartbeat_at = last_heartbeat_at - 31000000 where id = 'silent'`;
    assert.deepEqual(await ids(0), ['silent']);
    assert.deepEqual(await ids(Date.now() * 1000), [], 'the server has not listened long enough');
  });
});
