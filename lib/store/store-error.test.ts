import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { connect, connectPlainly } from './database';
import { isCertainlyNotCommitted, toStoreError } from './store-error';
import { openTestDatabase } from './testing/test-database';

/** An error as Node gives it for a socket. */
function systemError(code: string): Error {
  return Object.assign(new Error(`write ${code}`), { code });
}

test('a connection that broke says nothing of the commit, whatever its code looks like', () => {
  for (const code of ['EPIPE', 'ECONNRESET', 'CONNECTION_CLOSED', 'CONNECTION_DESTROYED']) {
    assert.equal(isCertainlyNotCommitted(systemError(code)), false, code);
    assert.equal(toStoreError(systemError(code)).code, 'STRATAL_STORE_DOWN', code);
  }
});

test('a connection that was never made has committed nothing', () => {
  for (const code of ['ECONNREFUSED', 'ENOENT', 'CONNECT_TIMEOUT']) {
    assert.equal(isCertainlyNotCommitted(systemError(code)), true, code);
    assert.equal(toStoreError(systemError(code)).code, 'STRATAL_STORE_DOWN', code);
  }
});

test('a refusal of Postgres is one, and the end of its session is not', async () => {
  const database = await openTestDatabase();
  const sql = connectPlainly(database.options, 1);
  try {
    const refused = await sql`select 1 / 0`.catch((error: unknown) => error);
    assert.equal(isCertainlyNotCommitted(refused), true);
    assert.equal(toStoreError(refused).code, 'STRATAL_INTERNAL');
    const ended = await sql`select pg_terminate_backend(pg_backend_pid())`.catch((error: unknown) => error);
    assert.equal(isCertainlyNotCommitted(ended), false);
    assert.equal(toStoreError(ended).code, 'STRATAL_STORE_DOWN');
  } finally {
    await sql.end({ timeout: 1 });
    await database.drop();
  }
});

test('what a statement was given is not shown by the error that is told', async () => {
  const database = await openTestDatabase();
  const sql = connect(database.options, 1);
  try {
    const refused = await sql`select ${'of somebody'}::text, 1 / 0`.catch((error: unknown) => error);
    assert.match(inspect(refused), /of somebody/);
    const told = inspect(toStoreError(refused), { depth: null });
    assert.match(told, /division by zero/);
    assert.match(told, /22012/);
    assert.doesNotMatch(told, /of somebody/);
  } finally {
    await sql.end({ timeout: 1 });
    await database.drop();
  }
});
