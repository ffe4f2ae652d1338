import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { FreedRoom } from './freed-room';
import { makeLine } from './testing/make-lines';
import { appendLines, makeRun, openTestStore, type TestStore } from './testing/test-store';

const CHUNKS = 80;
/** Cannot be compressed: hexadecimal digits of random bytes come to about half. */
const TEXT_BYTES = 60_000;

let context: TestStore;
before(async () => {
  context = await openTestStore();
});
after(() => context.close());

async function fill(id: string): Promise<number> {
  const { store } = context;
  const run = await makeRun(store, id);
  for (let chunk = 0; chunk < CHUNKS; chunk++)
    await appendLines(store, run, [makeLine(randomBytes(TEXT_BYTES / 2).toString('hex'))]);
  return run.key;
}

const fail = (error: unknown) => assert.fail(String(error));

/** Removes a run's chunks as a merge does. Returns how many bytes they took. */
async function remove(key: number): Promise<number> {
  const [row] = await context.store.database.sql<Array<{ bytes: number }>>`
    with gone as (delete from log_chunks where run_key = ${key} returning length(attrs) + length(body) as size)
    select sum(size)::float8 as bytes from gone
  `;
  return row?.bytes ?? 0;
}

async function tableBytes(): Promise<number> {
  const [row] = await context.store.database.sql<Array<{ bytes: number }>>`
    select pg_total_relation_size('log_chunks')::float8 as bytes
  `;
  return row?.bytes ?? 0;
}

test('what was freed is written again, so that the files do not grow', async () => {
  const freed = new FreedRoom(context.store.database.sql, fail);
  const first = await fill('first');
  const size = await tableBytes();
  const bytes = await remove(first);
  assert.ok(bytes > 1024 * 1024 && bytes > size / 20, `${bytes} of ${size}`);
  freed.add(bytes);
  await freed.settled();
  await fill('second');
  const after = await tableBytes();
  assert.ok(after < size * 1.2, `${after} after ${size}`);
});

test('a stop ends it without an error, and a failure is told', async () => {
  const stopped = new FreedRoom(context.store.database.sql, fail);
  stopped.add(1e9);
  await stopped.stop();

  const other = await context.openAnother();
  const failures: unknown[] = [];
  const failing = new FreedRoom(other.database.sql, (error) => failures.push(error));
  await other.database.close();
  failing.add(1e9);
  await failing.settled();
  assert.equal(failures.length, 1);
});
