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

  const HOUR_MS = 3_600_000;
  /** Everything is older than that. */
  const NO_AGE = -HOUR_MS;

  test('trims old entries but never the newest, and says how far', async () => {
    const { store } = context;
    const run = await makeRun(store, 'trimmed');
    for (let n = 0; n < 5; n++) await appendLines(store, run, [makeLine(`${n}`)]);
    const before = await store.journalHead();
    assert.equal(before.trimmedThrough, 0);
    assert.equal(await trimJournal(store.database.sql, HOUR_MS, HOUR_MS), 0, 'nothing is that old');
    const entries = await store.readJournal(0, 100);
    assert.equal(await trimJournal(store.database.sql, NO_AGE, HOUR_MS), entries.length - 1);
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
    await trimJournal(store.database.sql, HOUR_MS, HOUR_MS);
    assert.equal((await store.sourcePositions([source])).get(source), 1);
    await trimJournal(store.database.sql, HOUR_MS, NO_AGE);
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
    const HOUR_US = 3_600_000_000;
    const ids = async (upUs: number) => (await findSilentRuns(sql, upUs)).map((run) => run.id);
    assert.deepEqual(await ids(HOUR_US), [], 'it was just heard');
    await sql`update job_runs set last_heartbeat_at = last_heartbeat_at - 31000000 where id = 'silent'`;
    assert.deepEqual(await ids(HOUR_US), ['silent']);
    assert.deepEqual(await ids(1_000_000), [], 'the server has not listened long enough');
  });

  test('counts a heartbeat from now on, and gives a dead holder’s lease away, where the clock was set back by an hour', async () => {
    const { store } = context;
    const { sql } = store.database;
    const create = { kind: 'create' as const, id: 'ahead', jobName: 'a', status: 'running' as const };
    committed(await store.append([{ ...create, heartbeatSeconds: 10 }], []));
    await sql`update job_runs set last_heartbeat_at = last_heartbeat_at + 3600000000 where id = 'ahead'`;
    await findSilentRuns(sql, 0);
    const [row] = await sql<Array<{ ahead: number }>>`
      select last_heartbeat_at - stratal_now() as ahead from job_runs where id = 'ahead'
    `;
    assert.ok(row && row.ahead <= 0, `${row?.ahead} µs ahead`);
    const [dead, next] = [randomUUID(), randomUUID()];
    assert.equal(await takeLease(sql, 'clock', dead, 30_000), true);
    await sql`update leases set expires_at = expires_at + 3600000000 where name = 'clock'`;
    assert.equal(await takeLease(sql, 'clock', next, 30_000), true);
  });
});
