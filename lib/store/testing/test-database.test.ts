import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { connect } from '@/lib/store/database';
import { openTestDatabase } from './test-database';

test('gives every caller a database of its own at the newest schema', async () => {
  const [one, other] = await Promise.all([openTestDatabase(), openTestDatabase()]);
  after(async () => {
    await one.drop();
    await other.drop();
  });
  assert.notEqual(one.options.database, other.options.database);
  for (const { options } of [one, other]) {
    const sql = connect(options, 1);
    const rows = await sql`select count(*)::int as tables from information_schema.tables where table_name = 'job_runs'`;
    assert.equal(rows[0]?.tables, 1);
    await sql`create table mine (n int)`;
    await sql.end();
  }
});

test('gives a database without any table where it is asked for', async () => {
  const empty = await openTestDatabase({ isEmpty: true });
  const sql = connect(empty.options, 1);
  const rows = await sql`select 1 from information_schema.tables where table_schema = 'public'`;
  assert.equal(rows.length, 0);
  await sql.end();
  await empty.drop();
});
