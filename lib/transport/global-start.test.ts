import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOp, numbered } from '@/lib/feed/testing/log-writer';
import { trimJournal } from '@/lib/store/journal';
import { readSse } from './testing/clients';
import { untilOpened, useTestServers } from './testing/test-fixture';
import type { TestReader } from './testing/test-reader';
import type { TestServer } from './testing/test-server';

/** Where global streams start, and what becomes of them where the journal or lines are gone. */

const { start, newRunId } = useTestServers();

/** A global reader from a place, until it has seen so many events. */
async function seenFrom(server: TestServer, query: object, count: number): Promise<TestReader> {
  const reader = await readSse(server.url, query).until(({ seen }) => seen.length >= count, `${count} events`);
  reader.drop();
  return reader;
}

function trimAll(server: TestServer): Promise<number> {
  return trimJournal(server.store.database.sql, -3_600_000, 3_600_000);
}

test('starts at the head, or at the newest lines that tail asks for', async () => {
  const server = await start({});
  const [a, b] = [await server.writer.createRun(newRunId()), await server.writer.createRun(newRunId())];
  await server.writer.commit([linesOp(a, numbered('a', 3)), linesOp(b, numbered('b', 2))]);
  await server.writer.finish(b);
  assert.deepEqual((await seenFrom(server, { tail: 2 }, 4)).messages, ['b 2', 'Job run completed']);
  assert.deepEqual((await seenFrom(server, { tail: 4 }, 6)).messages, ['a 3', 'b 1', 'b 2', 'Job run completed']);
  const filtered = await seenFrom(server, { tail: 6, filter: { q: 'a' } }, 4);
  assert.deepEqual(filtered.messages, ['a 1', 'a 2', 'a 3']);
  const all = await seenFrom(server, { tail: 100_000 }, 9);
  assert.deepEqual(all.messages.slice(-6), ['a 1', 'a 2', 'a 3', 'b 1', 'b 2', 'Job run completed']);
  const now = readSse(server.url, {});
  await untilOpened(server, now);
  await now.until(({ types }) => types.length === 1);
  await server.writer.lines(a, ['now']);
  await now.untilLines(1);
  assert.deepEqual(now.messages, ['now']);
  assert.deepEqual(now.controls('connected')[0], { cursor: now.controls('connected')[0]?.cursor });
  now.drop();
});

test('resets a cursor that the journal does not know', async () => {
  const server = await start({});
  const run = await server.writer.createRun(newRunId());
  await server.writer.lines(run, ['line']);
  const { position } = await server.store.journalHead();
  const { epoch } = server.store;
  for (const [after, reason] of [
    [`zzzz-g${position}.0`, 'epoch'],
    [`${epoch}-g${position + 1}.0`, 'ahead'],
  ] as const) {
    const reader = await seenFrom(server, { after }, 2);
    assert.deepEqual(reader.types, ['connected', 'reset']);
    const [reset] = reader.controls('reset');
    assert.deepEqual(reset, { cursor: `${epoch}-g${position}.0`, reason });
    assert.equal(reader.controls('connected')[0]?.cursor, after);
  }
});

test('keeps a cursor good until something after it was trimmed', async () => {
  const server = await start({});
  const run = await server.writer.createRun(newRunId());
  await server.writer.lines(run, ['a', 'b']);
  const { position: before } = await server.store.journalHead();
  await server.writer.lines(run, ['c', 'd']);
  await trimAll(server);
  const { position: head, trimmedThrough } = await server.store.journalHead();
  assert.equal(trimmedThrough, before);
  const { epoch } = server.store;
  const good = await seenFrom(server, { after: `${epoch}-g${before}.0` }, 3);
  assert.deepEqual(
    [good.types, good.messages],
    [
      ['connected', 'log', 'log'],
      ['c', 'd'],
    ],
  );
  const inside = await seenFrom(server, { after: `${epoch}-g${head}.1` }, 2);
  assert.deepEqual(inside.messages, ['d']);
  for (const after of [`${epoch}-g${before}.1`, `${epoch}-g${before - 1}.0`]) {
    const expired = await seenFrom(server, { after }, 2);
    assert.equal(expired.controls('reset')[0]?.reason, 'expired');
  }
});

test('says where lines of the journal were removed with what retention deleted', async () => {
  const server = await start({ tailBytes: 1 });
  const [kept, cut, deleted] = [
    await server.writer.createRun(newRunId()),
    await server.writer.createRun(newRunId()),
    await server.writer.createRun(newRunId()),
  ];
  const { position } = await server.store.journalHead();
  await server.writer.lines(cut, ['cut 1', 'cut 2']);
  await server.writer.lines(deleted, ['deleted']);
  await server.writer.lines(cut, ['cut 3']);
  await server.writer.lines(kept, ['kept']);
  const { sql } = server.store.database;
  await sql`update job_runs set first_line = 4 where key = ${cut.key}`;
  await sql`delete from log_chunks where run_key = ${cut.key} and first_line < 4`;
  await server.store.deleteRun(deleted.id);
  const reader = await seenFrom(server, { after: `${server.store.epoch}-g${position}.0` }, 4);
  assert.deepEqual(reader.types, ['connected', 'reset', 'log', 'log']);
  assert.deepEqual(reader.messages, ['cut 3', 'kept']);
  assert.equal(reader.controls('reset')[0]?.reason, 'truncated');
});

test('goes on over a gap that its node skipped', async () => {
  const [here, there] = [await start({ gapMax: 3 }), await start({})];
  const run = await there.writer.createRun(newRunId());
  const reader = readSse(here.url, {});
  await reader.until(({ types }) => types.length === 1);
  for (let number = 1; number <= 8; number++) await there.writer.lines(run, [`there ${number}`]);
  await here.writer.lines(run, ['here']);
  await reader.untilLines(9);
  assert.deepEqual(reader.messages, [...numbered('there', 8), 'here']);
  reader.drop();
});
