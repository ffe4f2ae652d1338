import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { connect, connectPlainly, type Sql } from './database';
import { renewingPool } from './renewing-pool';
import { openTestDatabase, type TestDatabase } from './testing/test-database';

/** Turns of the event loop in which statements are given to a session that is being lost. */
const TURNS = 12;
const ROUNDS = 15;
/** Far more than all rounds take: who waits for ever is found by it. */
const PATIENCE_MS = 60_000;

describe('a pool whose sessions are lost', () => {
  let database: TestDatabase;
  let killer: Sql;
  before(async () => {
    database = await openTestDatabase();
    killer = connect(database.options, 1);
  });
  after(async () => {
    await killer.end();
    await database.drop();
  });

  /** The process behind one of its sessions, other than that one. */
  async function sessionOf(sql: Sql, lost?: number): Promise<number> {
    for (;;) {
      const rows = await sql<Array<{ pid: number }>>`select pg_backend_pid() as pid`.catch(() => []);
      const pid = rows[0]?.pid;
      if (pid !== undefined && pid !== lost) return pid;
      await turn();
    }
  }
  const sessions = async (name: string) =>
    (await killer<Array<{ pid: number }>>`select pid from pg_stat_activity where application_name = ${name}`).length;

  for (const max of [1, 3]) {
    test(`answers whatever was asked of it in any turn while one of ${max} was lost, and is whole again`, {
      timeout: PATIENCE_MS,
    }, async () => {
      const name = `renewed-${max}`;
      const sql = connect(database.options, max, name);
      for (let round = 0; round < ROUNDS; round++) {
        const lost = await sessionOf(sql);
        const killed = killer`select pg_terminate_backend(${lost})`;
        const asked: Array<Promise<unknown>> = [];
        for (let at = 0; at < TURNS; at++) {
          // Some of these find the session lost, and some are asked in the very turn in which that is told.
          const ask = () => sql`select ${at}::int`;
          asked.push(
            ask()
              .catch(ask)
              .catch(() => 'refused'),
          );
          await turn();
        }
        await killed;
        await Promise.all(asked);
        await sessionOf(sql, lost);
      }
      await sql.end({ timeout: 1 });
      while ((await sessions(name)) > 0) await turn();
    });
  }

  test('lets its other sessions answer what they were asked before', async () => {
    const sql = connect(database.options, 2, 'renewed-beside');
    await killer`select pg_advisory_lock(4712)`;
    const waiting = sql<Array<{ pid: number }>>`select pg_backend_pid() as pid, pg_advisory_lock(4712)`;
    const answered = waiting.then(([row]) => row?.pid);
    const other = await sessionOf(sql);
    await killer`select pg_terminate_backend(${other})`;
    const renewed = await sessionOf(sql, other);
    await killer`select pg_advisory_unlock(4712)`;
    const pid = await answered;
    assert.ok(pid !== undefined && pid !== other && pid !== renewed);
    await sql.end({ timeout: 1 });
  });

  test('keeps its sessions where another one was refused', async () => {
    await killer`create role renewed_few login connection limit 2`;
    const sql = connect({ ...database.options, username: 'renewed_few' }, 3, 'renewed-few');
    await killer`select pg_advisory_lock(4714)`;
    const holding = [1, 2].map(
      () => sql<Array<{ pid: number }>>`select pg_backend_pid() as pid, pg_advisory_lock_shared(4714)`,
    );
    const held = Promise.all(holding);
    while ((await sessions('renewed-few')) < 2) await turn();
    await assert.rejects(async () => sql`select 1`, { code: '53300' });
    await killer`select pg_advisory_unlock(4714)`;
    const before = (await held).map(([row]) => row?.pid);
    for (let asked = 0; asked < 5; asked++) assert.ok(before.includes(await sessionOf(sql)));
    await sql.end({ timeout: 1 });
    await killer`drop role renewed_few`;
  });

  test('leaves it to the driver when it tries again where the database cannot be reached', async () => {
    let made = 0;
    const sql = renewingPool((events) => {
      made += 1;
      return connectPlainly({ host: '/nowhere' }, 2, 'renewed-never', events);
    }, 2);
    for (let asked = 0; asked < 5; asked++) await assert.rejects(async () => sql`select 1`, { code: 'ENOENT' });
    assert.equal(made, 1);
    await sql.end({ timeout: 1 });
  });

  test('is ended with a retired pool that still waits', async () => {
    const sql = connect(database.options, 2, 'renewed-ended');
    await killer`select pg_advisory_lock(4713)`;
    const waiting = sql`select pg_advisory_lock(4713)`.catch(() => 'refused');
    const other = await sessionOf(sql);
    await killer`select pg_terminate_backend(${other})`;
    await sessionOf(sql, other);
    await sql.end({ timeout: 1 });
    assert.equal(await waiting, 'refused');
    await killer`select pg_advisory_unlock(4713)`;
  });
});
