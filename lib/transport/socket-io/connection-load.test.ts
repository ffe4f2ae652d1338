import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import WebSocket from 'ws';
import { connectSocketIo, readWebSocket } from '@/lib/transport/testing/clients';
import { range, untilTrue, useTestServers } from '@/lib/transport/testing/test-fixture';
import type { TestServer } from '@/lib/transport/testing/test-server';
import { CONNECTION_BYTES_MAX } from './connection-load';

const { start, newRunId } = useTestServers();

const LINES = 200;
/** What one subscription has unacknowledged at most of such a run, and a bit. */
const WINDOW_BYTES = 160 * 1024;

/** A run of more than one subscription may have unacknowledged. A reader of it keeps its lines in memory: they follow `connected` at once. */
async function writeWatchedRun(server: TestServer): Promise<string> {
  const run = await server.writer.createRun(newRunId());
  await readWebSocket(server.url, { job_run_id: run.id }, []).untilLines(1);
  await server.writer.lines(run, Array<string>(LINES - 1).fill('x'.repeat(1000)));
  return run.id;
}

/** A peer that speaks Socket.IO's packets by itself, joined to the namespace. */
async function joinRaw(server: TestServer): Promise<WebSocket> {
  const peer = new WebSocket(`${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  await once(peer, 'message');
  peer.send('40/logs,');
  await once(peer, 'message');
  return peer;
}

test('leaves so much unacknowledged on a connection and no more, also of subscriptions that ended', async () => {
  const server = await start({});
  const run = await writeWatchedRun(server);
  const peer = await joinRaw(server);
  const acknowledgements: string[] = [];
  const connected = new Set<number>();
  let bytes = 0;
  let newest = 0;
  peer.on('message', (data) => {
    const text = String(data);
    const batch = /^42\/logs,(\d+)\["lines",\{"sub":(\d+)/.exec(text);
    if (batch) {
      bytes += text.length;
      acknowledgements.push(`43/logs,${batch[1]}[]`);
      newest = Number(batch[2]);
    }
    const sub = /^42\/logs,\["connected",\{"sub":(\d+)/.exec(text)?.[1];
    if (sub) connected.add(Number(sub));
  });
  const rounds = 100;
  for (let sub = 1; sub <= rounds; sub++) {
    peer.send(`42/logs,["subscribe",{"sub":${sub},"job_run_id":"${run}"}]`);
    await untilTrue(() => connected.has(sub));
    // What follows `connected` in the same turn is heard with it, or right after.
    if (bytes < CONNECTION_BYTES_MAX - WINDOW_BYTES) await untilTrue(() => newest === sub);
    if (sub < rounds) peer.send(`42/logs,["unsubscribe",{"sub":${sub}}]`);
  }
  assert.ok(bytes <= CONNECTION_BYTES_MAX + WINDOW_BYTES, `${bytes} bytes are unacknowledged`);
  assert.notEqual(newest, rounds);
  // The last subscription is there still, and goes on as soon as there is room.
  for (const acknowledgement of acknowledgements.splice(0)) peer.send(acknowledgement);
  await untilTrue(() => newest === rounds);
  peer.terminate();
});

test('is not heard while it takes no answers, and heard again when it does', async () => {
  const server = await start({});
  const peer = await joinRaw(server);
  const [socket] = server.sockets;
  assert.ok(socket);
  peer.pause();
  // Each is answered with a problem of some hundred bytes.
  const question = '42/logs,7["watch",0]';
  const questions = 100_000;
  const heardBefore = socket.bytesRead;
  let asked = 0;
  while (!socket.isPaused() && asked < questions) {
    for (let turn = 0; turn < 500; turn++) peer.send(question);
    asked += 500;
    await untilTrue(() => socket.isPaused() || socket.bytesRead - heardBefore > asked * question.length);
  }
  assert.ok(socket.isPaused(), `${asked} questions were heard of a client that takes no answer`);
  let answers = 0;
  peer.on('message', () => {
    answers++;
  });
  peer.resume();
  await untilTrue(() => answers === asked);
  peer.terminate();
});

test('lets a client subscribe and unsubscribe as fast as it likes that takes what it is sent', async () => {
  const server = await start({});
  const run = await writeWatchedRun(server);
  const socket = connectSocketIo(server.url);
  const ids: number[] = [];
  const last = 400;
  const whole = new Promise<void>((resolve, reject) => {
    socket.on('disconnect', (reason) => reject(new Error(reason)));
    socket.on('lines', ({ sub, lines }: { sub: number; lines: Array<{ id: number }> }, acknowledge: () => void) => {
      if (sub === last) ids.push(...lines.map(({ id }) => id));
      acknowledge();
      if (ids.length === LINES) resolve();
    });
  });
  for (let sub = 1; sub <= last; sub++) {
    await socket.emitWithAck('subscribe', { sub, job_run_id: run });
    if (sub < last) socket.emit('unsubscribe', { sub });
  }
  await whole;
  assert.deepEqual(ids, range(1, LINES));
  socket.off('disconnect').disconnect();
});
