import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isStratalError } from '@/lib/errors/stratal-error';
import { numbered } from '@/lib/feed/testing/log-writer';
import type { ResetReason } from '@/lib/protocol/stream-events';
import { trimJournal } from '@/lib/store/journal';
import type { RunRef } from '@/lib/store/store';
import { RestApi } from '@/lib/transport/rest/rest-api';
import { CLIENTS, type TransportClient } from './testing/clients';
import { range, useTestServers } from './testing/test-fixture';
import type { Ended } from './testing/test-reader';
import type { TestServer } from './testing/test-server';

/** Cursors that are not good for what they are presented to, on every way to read: docs/protocol.md §4. */

const { start, newRunId } = useTestServers();
const HOUR_MS = 3_600_000;

/** An ended run whose lines 201 to 501 are left. */
async function cutRun({ writer, store, feed }: TestServer): Promise<RunRef> {
  const run = await writer.createRun(newRunId());
  await writer.lines(run, numbered('line', 199));
  await writer.lines(run, numbered('line', 300, 200));
  await writer.finish(run);
  const step = await store.truncateRun(run.key, 201, 100);
  assert.deepEqual(step, { kind: 'removed', chunks: 2, lines: 200 });
  feed.runsChanged([run.key]);
  return run;
}

/** Of a run, by its key: what is presented, and why it is reset. */
function runCursors(epoch: string, key: number): Array<[after: string, reason: ResetReason]> {
  return [
    [`zzzz-r${key}.300`, 'epoch'],
    [`${epoch}-r${key + 999}.300`, 'epoch'],
    [`${epoch}-r${key}.502`, 'ahead'],
    [`${epoch}-r${key}.501.2`, 'ahead'],
    ['502', 'ahead'],
    [`${epoch}-r${key}.199`, 'truncated'],
    [`${epoch}-r${key}.0`, 'truncated'],
    ['199', 'truncated'],
  ];
}

const GARBAGE = ['nonsense', '-1', '1.5', '1e3', 'abc-r1', 'abc-r1.', 'abc-r1.2.3.4', 'ABC-r1.2', 'abc-x1.2', ' '];

/** How this client is told that a cursor is none. */
function isRefused({ name }: TransportClient, { code, problem }: Ended): boolean {
  if (name === 'socket.io') return problem?.code === 'STRATAL_BAD_CURSOR' && problem.status === 400;
  return code === (name.startsWith('sse') ? 400 : 4500);
}

for (const client of CLIENTS) {
  const { sse, hasControl } = client;

  describe(client.name, () => {
    test('resets every cursor that is no longer good for a run, or closes with 4510', async () => {
      const server = await start({ sse });
      const run = await cutRun(server);
      const { epoch } = server.store;
      for (const [after, reason] of runCursors(epoch, run.key)) {
        const reader = client.read(server.url, { job_run_id: run.id, after });
        const ended = await reader.untilEnded();
        if (!hasControl) {
          assert.deepEqual([ended, reader.seen], [{ code: 4510, reason }, []], after);
          continue;
        }
        const reset = { cursor: `${epoch}-r${run.key}.200`, reason, first: 201, last: 501 };
        assert.deepEqual(
          [reader.types.slice(0, 2), reader.controls('reset')],
          [['connected', 'reset'], [reset]],
          after,
        );
        assert.deepEqual([reader.ids, reader.types.at(-1)], [range(201, 501), 'run-end'], after);
      }
    });

    test('resets every cursor that is no longer good for the global stream, or closes with 4510', async () => {
      const server = await start({ sse, tailBytes: 1 });
      const { writer, store } = server;
      const run = await writer.createRun(newRunId());
      await writer.lines(run, ['trimmed 1', 'trimmed 2']);
      const { position: trimmed } = await store.journalHead();
      await writer.lines(run, ['kept']);
      await trimJournal(store.database.sql, -HOUR_MS, HOUR_MS);
      const { position: head, trimmedThrough } = await store.journalHead();
      assert.equal(trimmedThrough, trimmed);
      const { epoch } = store;
      // The head moves on with the line that each of them is to see.
      const cursors: Array<[string, ResetReason]> = [
        [`${epoch}-g${head + 1}.0`, 'ahead'],
        [`${epoch}-g${head + 1000}.3`, 'ahead'],
        [`zzzz-g${head}.0`, 'epoch'],
        [`${epoch}-g${trimmed}.1`, 'expired'],
        [`${epoch}-g${trimmed - 1}.0`, 'expired'],
        [`${epoch}-g0.0`, 'expired'],
      ];
      for (const [after, reason] of cursors) {
        const reader = client.read(server.url, { after });
        if (!hasControl) {
          assert.deepEqual([await reader.untilEnded(), reader.seen], [{ code: 4510, reason }, []], after);
          continue;
        }
        await reader.until(({ seen }) => seen.length === 2);
        const { position } = await store.journalHead();
        assert.deepEqual(reader.controls('reset'), [{ cursor: `${epoch}-g${position}.0`, reason }], after);
        await writer.lines(run, [`after ${after}`]);
        await reader.untilLines(1);
        assert.deepEqual([reader.types, reader.messages], [['connected', 'reset', 'log'], [`after ${after}`]]);
        reader.drop();
      }
    });

    test('tells of lines before first_line on the global stream, or closes with 4510', async () => {
      const server = await start({ sse, tailBytes: 1 });
      const { position } = await server.store.journalHead();
      await cutRun(server);
      const reader = client.read(server.url, { after: `${server.store.epoch}-g${position}.0` });
      if (!hasControl) {
        assert.deepEqual([await reader.untilEnded(), reader.seen], [{ code: 4510, reason: 'truncated' }, []]);
        return;
      }
      await reader.untilLines(301);
      assert.deepEqual(reader.ids, range(201, 501));
      assert.ok(reader.types.indexOf('reset') < reader.types.indexOf('log'));
      assert.deepEqual([...new Set(reader.controls('reset').map(({ reason }) => reason))], ['truncated']);
      reader.drop();
    });

    test('refuses what is no cursor, or one of the other kind of stream', async () => {
      const server = await start({ sse });
      const run = await cutRun(server);
      const { epoch } = server.store;
      for (const after of [...GARBAGE, `${epoch}-g1.0`]) {
        const ended = await client.read(server.url, { job_run_id: run.id, after }).untilEnded();
        assert.ok(isRefused(client, ended), `${JSON.stringify(after)} of a run: ${JSON.stringify(ended)}`);
      }
      for (const after of [...GARBAGE, '5', `${epoch}-r${run.key}.300`]) {
        const ended = await client.read(server.url, { after }).untilEnded();
        assert.ok(isRefused(client, ended), `${JSON.stringify(after)} of everything: ${JSON.stringify(ended)}`);
      }
    });
  });
}

/** What a request was answered with: a problem's code, with the reason of a reset. */
async function problemOf(request: Promise<unknown>): Promise<unknown> {
  try {
    await request;
    return 'no problem';
  } catch (error) {
    if (!isStratalError(error)) throw error;
    const { reason, first, last, cursor } = error.members;
    return error.code === 'STRATAL_CURSOR_RESET' ? { reason, first, last, cursor } : error.code;
  }
}

test('long polling and search answer 410 to every cursor that is no longer good, and 400 to what is none', async () => {
  const server = await start({});
  const run = await cutRun(server);
  const { epoch } = server.store;
  const api = new RestApi(server.store, async () => {});
  const { signal } = new AbortController();
  const requests = [
    (after: string) => api.history(run.id, new URLSearchParams({ after, wait: '1' }), signal),
    (after: string) => api.search(run.id, new URLSearchParams({ after, q: 'line' })),
  ];
  for (const request of requests) {
    for (const [after, reason] of runCursors(epoch, run.key)) {
      const expected = { reason, first: 201, last: 501, cursor: `${epoch}-r${run.key}.200` };
      assert.deepEqual(await problemOf(request(after)), expected, after);
    }
    for (const after of [...GARBAGE, `${epoch}-g1.0`]) {
      assert.equal(await problemOf(request(after)), 'STRATAL_BAD_CURSOR', after);
    }
  }
});
