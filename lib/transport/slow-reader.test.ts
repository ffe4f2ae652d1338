import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import WebSocket from 'ws';
import { ManualClock } from '@/lib/feed/testing/manual-clock';
import { CLOSE, SUBPROTOCOL } from '@/lib/protocol/close-codes';
import { READER_HIGH_WATER_BYTES, READER_STALL_MS } from '@/lib/protocol/limits';
import { linesSchema } from '@/lib/protocol/socket-io';
import type { RunRef } from '@/lib/store/store';
import { connectSocketIo, readWebSocket, streamUrl } from './testing/clients';
import { range, untilTrue, useTestServers } from './testing/test-fixture';
import type { TestServer } from './testing/test-server';

const { start, newRunId } = useTestServers();

/** More than the kernel's buffers of one connection hold. */
const LINES = 24_000;
const TEXT = 'x'.repeat(500);

async function writeLongRun(server: TestServer): Promise<RunRef> {
  const run = await server.writer.createRun(newRunId());
  for (let written = 1; written < LINES; written += 4000) {
    await server.writer.lines(run, Array<string>(Math.min(4000, LINES - written)).fill(TEXT));
  }
  return run;
}

/** The most that was unsent on any connection from when the server had to stop writing. */
async function unsentOfBlocked(server: TestServer, meanwhile: () => Promise<void>): Promise<number> {
  let most = 0;
  const look = () => {
    for (const socket of server.sockets) most = Math.max(most, socket.writableLength);
    return most > 0;
  };
  await untilTrue(look);
  const work = meanwhile();
  let isDone = false;
  void work.finally(() => {
    isDone = true;
  });
  await untilTrue(() => look() && isDone);
  return most;
}

async function untilMessages(socket: WebSocket, ids: number[], last: number): Promise<void> {
  await new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      const { id } = JSON.parse(String(data));
      if (id !== undefined) ids.push(id);
      if (id === last) resolve();
    });
  });
}

test('holds no more than the high-water mark for a stalled reader and loses nothing: websocket', async () => {
  const server = await start({ tailBytes: 2_000_000 });
  const run = await writeLongRun(server);
  const socket = new WebSocket(streamUrl(server.url.replace('http', 'ws'), 'ws', { job_run_id: run.id }));
  const ids: number[] = [];
  const whole = untilMessages(socket, ids, LINES + 10);
  await once(socket, 'open');
  socket.pause();
  const most = await unsentOfBlocked(server, async () => {
    for (let batch = 0; batch < 10; batch++) await server.writer.lines(run, ['live']);
  });
  assert.ok(most <= READER_HIGH_WATER_BYTES, `${most} bytes`);
  socket.resume();
  await whole;
  assert.deepEqual(ids, range(1, LINES + 10));
  socket.terminate();
});

for (const sse of ['direct', 'handler'] as const) {
  test(`holds no more than the high-water mark for a stalled reader and loses nothing: sse ${sse}`, async () => {
    const server = await start({ sse, tailBytes: 2_000_000 });
    const run = await writeLongRun(server);
    const request = get(streamUrl(server.url, 'sse', { job_run_id: run.id }));
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const most = await unsentOfBlocked(server, async () => {
      await server.writer.lines(run, ['live']);
      await server.writer.finish(run);
    });
    assert.ok(most <= READER_HIGH_WATER_BYTES, `${most} bytes`);
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    const ids = [...text.matchAll(/^data: \{"id":(\d+),/gm)].map(([, id]) => Number(id));
    assert.deepEqual(ids, range(1, LINES + 2));
  });
}

test('holds no more than the high-water mark for a stalled reader and loses nothing: socket.io', async () => {
  const server = await start({});
  const run = await writeLongRun(server);
  const socket = connectSocketIo(server.url);
  const ids: number[] = [];
  let unacknowledged = 0;
  let most = 0;
  let held: Array<() => void> = [];
  let isHolding = true;
  const progress = new Promise<void>((resolve) => {
    socket.on('lines', (event: unknown, acknowledge: () => void) => {
      const { lines } = linesSchema.parse(event);
      const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(JSON.stringify(line)), 0);
      ids.push(...lines.map(({ id }) => id));
      unacknowledged += bytes;
      most = Math.max(most, unacknowledged);
      const take = () => {
        unacknowledged -= bytes;
        acknowledge();
      };
      if (isHolding) held.push(take);
      else take();
      if (ids.length === LINES) resolve();
    });
  });
  socket.emit('subscribe', { sub: 1, job_run_id: run.id }, () => {});
  await untilTrue(() => unacknowledged > 0);
  // A second stream of the same connection is not held up by the first.
  const other = await server.writer.createRun(newRunId());
  const second = new Promise<void>((resolve) => socket.on('connected', ({ sub }) => sub === 2 && resolve()));
  socket.emit('subscribe', { sub: 2, job_run_id: other.id, after: 1 }, () => {});
  await second;
  isHolding = false;
  for (const take of held) take();
  held = [];
  await progress;
  assert.ok(most <= READER_HIGH_WATER_BYTES, `${most} bytes`);
  assert.deepEqual(ids, range(1, LINES));
  socket.disconnect();
});

test('closes a stalled reader with 4008', async () => {
  const clock = new ManualClock();
  const server = await start({ clock });
  const run = await writeLongRun(server);
  const url = streamUrl(server.url.replace('http', 'ws'), 'ws', { job_run_id: run.id });
  const socket = new WebSocket(url);
  const ids: number[] = [];
  socket.on('message', (data) => ids.push(JSON.parse(String(data)).id));
  const closed = once(socket, 'close');
  await once(socket, 'open');
  socket.pause();
  await unsentOfBlocked(server, async () => {});
  clock.advance(READER_STALL_MS - 1);
  assert.equal(server.transports.status().connections.jobs[run.id]?.websocket, 1);
  clock.advance(1);
  assert.equal(server.transports.status().connections.jobs[run.id], undefined);
  socket.resume();
  const [code] = await closed;
  assert.equal(code, CLOSE.stalled);
  const rest = readWebSocket(server.url, { job_run_id: run.id, after: ids.at(-1) ?? 0 }, []);
  await rest.untilLines(LINES - ids.length);
  assert.deepEqual([...ids, ...rest.ids], range(1, LINES));
  rest.drop();
});

test('does not close a reader that takes a little now and then', async () => {
  const clock = new ManualClock();
  const server = await start({ clock });
  const run = await writeLongRun(server);
  const socket = new WebSocket(streamUrl(server.url.replace('http', 'ws'), 'ws', { job_run_id: run.id }));
  const ids: number[] = [];
  const whole = untilMessages(socket, ids, LINES);
  await once(socket, 'open');
  for (let rounds = 0; rounds < 2; rounds++) {
    socket.pause();
    await unsentOfBlocked(server, async () => {});
    clock.advance(READER_STALL_MS - 1000);
    const [blocked] = [...server.sockets].filter((one) => one.writableLength > 0);
    const taken = blocked && once(blocked, 'drain');
    socket.resume();
    await taken;
  }
  await whole;
  assert.deepEqual(ids, range(1, LINES));
  socket.terminate();
});

test('closes a reader of the greatest age with 4001', async () => {
  const clock = new ManualClock();
  const server = await start({ clock, maxAgeMs: 20_000 });
  const run = await server.writer.createRun(newRunId());
  const reader = await readWebSocket(server.url, { job_run_id: run.id }, [SUBPROTOCOL]).untilLines(1);
  clock.advance(19_999);
  await reader.until(({ types }) => types.includes('progress'));
  clock.advance(1);
  assert.equal((await reader.untilEnded()).code, CLOSE.draining);
});

test('resets a reader whose lines retention took away while it was reading', async () => {
  const server = await start({ tailBytes: 1 });
  const run = await writeLongRun(server);
  const socket = new WebSocket(streamUrl(server.url.replace('http', 'ws'), 'ws', { job_run_id: run.id }), [
    SUBPROTOCOL,
  ]);
  const seen: Array<number | { reason: string; first: number; cursor: string }> = [];
  const whole = new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      const value = JSON.parse(String(data));
      if (value.type === 'reset') seen.push({ reason: value.reason, first: value.first, cursor: value.cursor });
      else if (value.id !== undefined) seen.push(value.id);
      if (value.id === LINES) resolve();
    });
  });
  await once(socket, 'open');
  socket.pause();
  await unsentOfBlocked(server, async () => {});
  const { sql } = server.store.database;
  const [chunk] =
    await sql`select first_line from log_chunks where run_key = ${run.key} order by first_line desc limit 1`;
  const first = Number(chunk?.first_line);
  await sql`update job_runs set first_line = ${first} where key = ${run.key}`;
  await sql`delete from log_chunks where run_key = ${run.key} and first_line < ${first}`;
  socket.resume();
  await whole;
  const reset = seen.findIndex((one) => typeof one !== 'number');
  assert.deepEqual(seen[reset], {
    reason: 'truncated',
    first,
    cursor: `${server.store.epoch}-r${run.key}.${first - 1}`,
  });
  assert.deepEqual(seen.slice(0, reset), range(1, reset));
  assert.deepEqual(seen.slice(reset + 1), range(first, LINES));
  socket.terminate();
});
