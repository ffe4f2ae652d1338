import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import type { Socket } from 'socket.io-client';
import WebSocket from 'ws';
import { StratalError } from '@/lib/errors/stratal-error';
import { ManualClock } from '@/lib/feed/testing/manual-clock';
import type { Run, TaskRun } from '@/lib/protocol/run';
import {
  runEventSchema,
  runsEventSchema,
  statusEventSchema,
  subscribeAckSchema,
  watchAckSchema,
} from '@/lib/protocol/socket-io';
import { connectSocketIo, readSse } from '@/lib/transport/testing/clients';
import { range, untilNoStreams, untilTrue, useTestServers } from '@/lib/transport/testing/test-fixture';

const { start, newRunId } = useTestServers();

/** Asks and gives the answer, `ok` or a problem's code and field. */
async function ask(socket: Socket, event: string, input: unknown): Promise<string> {
  const answer: unknown = await socket.emitWithAck(event, input);
  const parsed = (event === 'subscribe' ? subscribeAckSchema : watchAckSchema).parse(answer);
  return 'code' in parsed ? `${parsed.code} ${String(parsed.field ?? '')}`.trim() : 'ok';
}

/** Gathers an event's payloads and settles once the condition holds. */
function gather<T>(socket: Socket, event: string, parse: (payload: unknown) => T) {
  const got: T[] = [];
  let tell = () => {};
  socket.on(event, (payload: unknown, acknowledge?: () => void) => {
    got.push(parse(payload));
    acknowledge?.();
    tell();
  });
  const until = async (condition: (got: readonly T[]) => boolean): Promise<readonly T[]> => {
    while (!condition(got)) {
      await new Promise<void>((resolve) => {
        tell = resolve;
      });
    }
    return got;
  };
  return { got, until };
}

interface Tagged {
  sub: unknown;
  lines: Array<{ id: number; job_run_id: string }>;
}

test('carries many subscriptions on one connection, each with its own filter and place', async () => {
  const server = await start({});
  const [a, b] = [await server.writer.createRun(newRunId()), await server.writer.createRun(newRunId())];
  await server.writer.lines(a, ['red', 'blue', 'red']);
  const socket = connectSocketIo(server.url);
  const lines = gather(socket, 'lines', (payload) => payload as Tagged);
  const idsOf = (sub: unknown) =>
    lines.got.filter((event) => event.sub === sub).flatMap((event) => event.lines.map(({ id }) => id));
  assert.equal(await ask(socket, 'subscribe', { sub: 'all of a', job_run_id: a.id }), 'ok');
  assert.equal(await ask(socket, 'subscribe', { sub: 2, job_run_id: a.id, filter: { q: 'red' } }), 'ok');
  assert.equal(
    await ask(socket, 'subscribe', { sub: 3, job_run_id: a.id, tail: 1, filter: { stream: ['stdout'] } }),
    'ok',
  );
  assert.equal(await ask(socket, 'subscribe', { sub: 4, job_run_id: b.id, after: 1 }), 'ok');
  await server.writer.lines(b, ['green']);
  await lines.until(() => idsOf(4).length === 1);
  assert.deepEqual([idsOf('all of a'), idsOf(2), idsOf(3), idsOf(4)], [[1, 2, 3, 4], [2, 4], [4], [2]]);
  assert.equal(server.transports.status().connections.jobs[a.id]?.socketio, 3);
  assert.equal(await ask(socket, 'unsubscribe', { sub: 'all of a' }), 'ok');
  await server.writer.lines(a, ['red']);
  await lines.until(() => idsOf(2).length === 3);
  assert.deepEqual(idsOf('all of a'), range(1, 4));
  socket.disconnect();
  await untilNoStreams(server);
});

test('answers what is wrong with a problem object and keeps the connection', async () => {
  const server = await start({});
  const run = await server.writer.createRun(newRunId());
  const socket = connectSocketIo(server.url);
  const subscribe = (input: object) => ask(socket, 'subscribe', input);
  assert.equal(await subscribe({}), 'STRATAL_BAD_PARAMETER sub');
  assert.equal(await subscribe({ sub: 1, extra: true }), 'STRATAL_BAD_PARAMETER extra');
  assert.equal(await subscribe({ sub: 1, job_run_id: 'nobody' }), 'STRATAL_NO_RUN');
  assert.equal(await subscribe({ sub: 1, job_run_id: run.id, after: 'nonsense' }), 'STRATAL_BAD_CURSOR after');
  assert.equal(await subscribe({ sub: 1, after: 4 }), 'STRATAL_BAD_CURSOR after');
  assert.equal(await subscribe({ sub: 1, filter: { level: 'loud' } }), 'STRATAL_BAD_FILTER level');
  assert.equal(await subscribe({ sub: 1, job_run_id: run.id }), 'ok');
  assert.equal(await subscribe({ sub: 1, job_run_id: run.id }), 'STRATAL_BAD_PARAMETER sub');
  assert.equal(await ask(socket, 'unsubscribe', { sub: 1 }), 'ok');
  assert.equal(await subscribe({ sub: 1, job_run_id: run.id }), 'ok');
  assert.equal(await ask(socket, 'unsubscribe', 'nonsense'), 'STRATAL_BAD_PARAMETER');
  assert.equal(await ask(socket, 'watch', { run: 'nobody' }), 'STRATAL_NO_RUN');
  assert.equal(await ask(socket, 'watch', { runs: { status: 'odd' } }), 'STRATAL_BAD_PARAMETER status');
  assert.equal(await ask(socket, 'watch', { everything: 1 }), 'STRATAL_BAD_PARAMETER');
  // No answer is asked for, and none of these ends the connection.
  for (const event of ['subscribe', 'unsubscribe', 'watch', 'unwatch', 'other']) socket.emit(event, null);
  assert.equal(await ask(socket, 'watch', { status: true }), 'ok');
  socket.disconnect();
});

test('asks for leave at each subscription and watch, of one run or of all', async () => {
  const asked: Array<string | undefined> = [];
  let mayRead = true;
  const server = await start({
    authorize: (_credential, _action, runId) => {
      if (!mayRead) asked.push(runId);
      if (!mayRead) throw new StratalError('STRATAL_FORBIDDEN', 'You may not read this.');
      return { role: 'admin', jobs: 'all' };
    },
  });
  const run = await server.writer.createRun(newRunId());
  const socket = connectSocketIo(server.url);
  assert.equal(await ask(socket, 'subscribe', { sub: 0 }), 'ok');
  mayRead = false;
  assert.equal(await ask(socket, 'subscribe', { sub: 1 }), 'STRATAL_FORBIDDEN');
  assert.equal(await ask(socket, 'subscribe', { sub: 2, job_run_id: run.id }), 'STRATAL_FORBIDDEN');
  assert.equal(await ask(socket, 'watch', { runs: {} }), 'STRATAL_FORBIDDEN');
  assert.equal(await ask(socket, 'watch', { run: run.id }), 'STRATAL_FORBIDDEN');
  assert.equal(await ask(socket, 'watch', { status: true }), 'STRATAL_FORBIDDEN');
  assert.deepEqual(asked, [undefined, run.id, undefined, run.id, undefined]);
  socket.disconnect();
});

test('tells pages that watch a run of each change of it and its tasks', async () => {
  const clock = new ManualClock();
  const server = await start({ clock });
  const run = await server.writer.createRun(newRunId());
  const socket = connectSocketIo(server.url);
  const news = gather<{ job_run: Run; task_runs: TaskRun[] }>(socket, 'run', (payload) =>
    runEventSchema.parse(payload),
  );
  assert.equal(await ask(socket, 'watch', { run: run.id }), 'ok');
  await news.until((got) => got.length === 1);
  assert.equal(news.got[0]?.job_run.line_count, 1);
  await server.writer.lines(run, ['a']);
  await server.writer.lines(run, ['b']);
  await server.store.createTask({ runId: run.id, name: 'build', status: 'running' });
  server.feed.runsChanged([run.key]);
  assert.equal(news.got.length, 1);
  clock.advance(250);
  const got = await news.until((all) => all.length === 2);
  assert.equal(got[1]?.job_run.line_count, 3);
  assert.deepEqual(
    got[1]?.task_runs.map(({ task_name }) => task_name),
    ['build'],
  );
  assert.equal(await ask(socket, 'unwatch', { run: run.id }), 'ok');
  await server.writer.finish(run);
  clock.advance(1000);
  assert.equal(await ask(socket, 'watch', { status: true }), 'ok');
  assert.equal(news.got.length, 2);
  socket.disconnect();
});

test('tells pages that watch a list which runs changed', async () => {
  const clock = new ManualClock();
  const server = await start({ clock });
  const before = await server.writer.createRun(newRunId());
  const socket = connectSocketIo(server.url);
  const news = gather<{ job_runs: Run[] }>(socket, 'runs', (payload) => runsEventSchema.parse(payload));
  assert.equal(await ask(socket, 'watch', { runs: { status: 'running', limit: 50 } }), 'ok');
  const run = await server.writer.createRun(newRunId());
  await news.until((got) => got.length === 1);
  assert.deepEqual(
    news.got[0]?.job_runs.map(({ id }) => id),
    [run.id],
  );
  await server.writer.finish(run, { status: 'failed' });
  await server.writer.lines(before, ['a']);
  clock.advance(250);
  const got = await news.until((all) => all.length === 2);
  const changed = new Map(got[1]?.job_runs.map(({ id, status }) => [id, status]));
  // It does not fit the list any more, which is what the page has to know.
  assert.deepEqual([changed.get(run.id), changed.get(before.id)], ['failed', 'running']);
  assert.equal(await ask(socket, 'watch', { runs: { q: 'nothing like it' } }), 'ok');
  assert.equal(await ask(socket, 'unwatch', { runs: { limit: 50, status: 'running' } }), 'ok');
  await server.writer.lines(before, ['b']);
  clock.advance(1000);
  assert.equal(await ask(socket, 'watch', { status: true }), 'ok');
  assert.equal(news.got.length, 2);
  socket.disconnect();
});

test('tells pages that watch the status of streams that come and go', async () => {
  const clock = new ManualClock();
  const server = await start({ clock });
  const run = await server.writer.createRun(newRunId());
  const socket = connectSocketIo(server.url);
  const news = gather(socket, 'status', (payload) => statusEventSchema.parse(payload));
  assert.equal(await ask(socket, 'watch', { status: true }), 'ok');
  await news.until((got) => got.length === 1);
  const reader = await readSse(server.url, { job_run_id: run.id }).untilLines(1);
  clock.advance(250);
  await news.until((got) => got.at(-1)?.connections.jobs[run.id]?.sse === 1);
  reader.drop();
  await untilNoStreams(server);
  clock.advance(250);
  await news.until((got) => Object.keys(got.at(-1)?.connections.jobs ?? {}).length === 0);
  socket.disconnect();
});

test('ends a watch that was ended and begun anew while it was being looked up', async () => {
  const clock = new ManualClock();
  const server = await start({ clock });
  const run = await server.writer.createRun(newRunId());
  const socket = connectSocketIo(server.url);
  const news = gather(socket, 'run', (payload) => runEventSchema.parse(payload));
  const watch = { run: run.id };
  const answers = ['watch', 'unwatch', 'watch'].map((event) => ask(socket, event, watch));
  assert.deepEqual(await Promise.all(answers), ['ok', 'ok', 'ok']);
  assert.equal(await ask(socket, 'unwatch', watch), 'ok');
  clock.advance(1000);
  // Watched by another page, so that changes are read and told.
  const other = connectSocketIo(server.url);
  const told = gather(other, 'run', (payload) => runEventSchema.parse(payload));
  assert.equal(await ask(other, 'watch', watch), 'ok');
  await server.writer.lines(run, ['seen by the other']);
  clock.advance(1000);
  await told.until((got) => got.some(({ job_run }) => job_run.line_count === 2));
  assert.equal(await ask(socket, 'watch', { status: true }), 'ok');
  assert.ok(!news.got.some(({ job_run }) => job_run.line_count === 2));
  socket.disconnect();
  other.disconnect();
});

test('hears a client only while it takes its answers', async () => {
  const server = await start({});
  const client = net.connect(server.port, '127.0.0.1');
  client.write(
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(client, 'readable');
  const [peer] = server.sockets;
  assert.ok(peer);
  // Masked with zeros; each is answered by a pong of 127 bytes.
  const ping = Buffer.concat([Buffer.from([0x89, 0x80 | 125]), Buffer.alloc(4 + 125)]);
  const pings = Buffer.concat(Array<Buffer>(1000).fill(ping));
  while (!peer.isPaused()) {
    if (!client.write(pings)) await Promise.race([once(client, 'drain'), untilTrue(() => peer.isPaused())]);
  }
  assert.ok(peer.writableLength < 2 * 1024 * 1024, `${peer.writableLength} bytes wait for a client that does not read`);
  client.resume();
  await untilTrue(() => !peer.isPaused() && peer.writableLength === 0);
  client.destroy();
});

test('tells a client that took nothing for a while the newest alone', async () => {
  const clock = new ManualClock();
  const server = await start({ clock });
  const run = await server.writer.createRun(newRunId());
  // The news of each change are a good part of what the kernel holds for a client that does not read.
  await server.store.updateRun(run.id, { metadata: { text: 'x'.repeat(500_000) } });
  const watches = [{ runs: {} }, { run: run.id }, { status: true }];
  const reading = connectSocketIo(server.url);
  const news = gather<{ job_run: Run }>(reading, 'run', (payload) => runEventSchema.parse(payload));
  for (const watch of watches) assert.equal(await ask(reading, 'watch', watch), 'ok');
  await news.until((got) => got.length === 1);
  const peers = new Set(server.sockets);

  const idle = new WebSocket(`${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  const counts: Record<string, number[]> = { run: [], runs: [] };
  idle.on('message', (data) => {
    const [, name = '', json = ''] = /^42\/logs,\["(\w+)",(.*)\]$/.exec(String(data)) ?? [];
    if (name === 'run') counts.run?.push(runEventSchema.parse(JSON.parse(json)).job_run.line_count);
    if (name === 'runs') counts.runs?.push(runsEventSchema.parse(JSON.parse(json)).job_runs[0]?.line_count ?? 0);
  });
  // News of a change that came while others were being told wait for the next quarter of a second.
  const untilTold = (isThere: () => boolean) =>
    untilTrue(() => {
      clock.advance(250);
      return isThere();
    });
  // What Engine.IO opens with, then the namespace.
  await once(idle, 'message');
  idle.send('40/logs,');
  await once(idle, 'message');
  for (const watch of watches) idle.send(`42/logs,["watch",${JSON.stringify(watch)}]`);
  await untilTold(() => counts.run?.length === 1);
  idle.pause();
  const [peer] = [...server.sockets].filter((socket) => !peers.has(socket));
  assert.ok(peer);
  const changes = 40;
  for (let change = 1; change <= changes; change++) {
    await server.writer.lines(run, ['x']);
    await untilTold(() => news.got.at(-1)?.job_run.line_count === change + 1);
  }
  assert.ok(peer.writableLength < 2_000_000, `${peer.writableLength} bytes wait`);
  idle.resume();
  await untilTold(() => counts.run?.at(-1) === changes + 1 && counts.runs?.at(-1) === changes + 1);
  for (const [name, told] of Object.entries(counts)) assert.ok(told.length < changes / 2, `${name}: ${told}`);
  idle.terminate();
  reading.disconnect();
});

test('takes no other transport than websocket', async () => {
  const server = await start({});
  const response = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`);
  assert.equal(response.status, 404);
});
