import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { connect, type Sql } from '@/lib/store/database';
import { openTestDatabase, type TestDatabase } from '@/lib/store/testing/test-database';
import { copyRows } from './copy-rows';

const LOCK = 4715;
/** More than what waits anywhere on the way. */
const ROWS = 40_000;

describe('rows that are copied out', () => {
  let database: TestDatabase;
  let sql: Sql;
  let other: Sql;
  before(async () => {
    database = await openTestDatabase();
    sql = connect(database.options, 1);
    other = connect(database.options, 1);
  });
  after(async () => {
    await sql.end();
    await other.end();
    await database.drop();
  });
  const answers = async () => assert.equal((await sql`select 1 as one`)[0]?.one, 1);

  test('are their fields in binary', async () => {
    const rows = await copyRows(sql, "select 7::int8, '\\x00ff'::bytea union all select 8, ''");
    assert.deepEqual(
      rows.map(([number, bytes]) => [number?.readBigInt64BE(0), bytes?.toString('hex')]),
      [
        [7n, '00ff'],
        [8n, ''],
      ],
    );
  });

  for (const [when, row] of [
    ['with the first of them', 1],
    ['in their middle', ROWS / 2],
  ] as const) {
    test(`are no rows where Postgres meets an error ${when}, and the session goes on`, async () => {
      const query = `select 1 / (n - ${row}), repeat('x', 100) from generate_series(1, ${ROWS}) as n`;
      await assert.rejects(copyRows(sql, query), { code: '22012' });
      await answers();
    });
  }

  test('are given up where they stop coming, and the session takes the next statement once they have all come', {
    timeout: 60_000,
  }, async () => {
    await other`select pg_advisory_lock(${LOCK})`;
    const waits = `case when n = ${ROWS / 2} then pg_advisory_lock_shared(${LOCK})::text end`;
    const query = `select repeat('x', 100), ${waits} from generate_series(1, ${ROWS}) as n`;
    await assert.rejects(copyRows(sql, query, 50), /stopped in the middle of an answer/);
    await other`select pg_advisory_unlock(${LOCK})`;
    // Until then it is refused by the driver.
    while (!(await isFree())) await turn();
    await answers();
  });

  async function isFree(): Promise<boolean> {
    try {
      await answers();
      return true;
    } catch (error) {
      assert.ok(error instanceof Error && 'code' in error);
      assert.equal(error.code, 'COPY_IN_PROGRESS');
      return false;
    }
  }
});
