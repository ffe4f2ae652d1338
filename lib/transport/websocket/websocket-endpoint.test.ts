import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import WebSocket from 'ws';
import { StratalError } from '@/lib/errors/stratal-error';
import { linesOp } from '@/lib/feed/testing/log-writer';
import { ManualClock } from '@/lib/feed/testing/manual-clock';
import { SUBPROTOCOL } from '@/lib/protocol/close-codes';
import { PROGRESS_INTERVAL_MS } from '@/lib/protocol/limits';
import { readWebSocket, streamUrl } from '@/lib/transport/testing/clients';
import { untilTrue, useTestServers } from '@/lib/transport/testing/test-fixture';
import type { ReaderQuery } from '@/lib/transport/testing/test-reader';
import type { TestServer } from '@/lib/transport/testing/test-server';

const { start, newRunId } = useTestServers();

function open(server: TestServer, query: ReaderQuery, protocols: string[] = []): WebSocket {
  return new WebSocket(streamUrl(server.url.replace('http', 'ws'), 'ws', query), protocols);
}

test('closes a raw reader that speaks', async () => {
  const server = await start({});
  const run = await server.writer.createRun(newRunId());
  const closeOf = async (speak: (socket: WebSocket) => void) => {
    const socket = open(server, { job_run_id: run.id });
    await once(socket, 'open');
    speak(socket);
    const [code] = await once(socket, 'close');
    return code;
  };
  assert.equal(await closeOf((socket) => socket.send('{"filter":1}')), 1008);
  assert.equal(await closeOf((socket) => socket.send(Buffer.from([1, 2]))), 1003);
  assert.equal(await closeOf((socket) => socket.send('x'.repeat(10_000))), 1009);
  assert.equal(await closeOf((socket) => socket.send(Buffer.from([0xff, 0xfe]), { binary: false })), 1007);
});

test('accepts and closes a refused raw reader with its code', async () => {
  const server = await start({});
  const run = await server.writer.createRun(newRunId());
  const endOf = async (query: ReaderQuery) => {
    const { code, reason } = await readWebSocket(server.url, query, []).untilEnded();
    return `${code} ${reason?.split(':')[0]}`;
  };
  assert.equal(await endOf({ job_run_id: 'nobody' }), '4504 STRATAL_NO_RUN');
  assert.equal(await endOf({ job_run_id: '../etc' }), '4504 STRATAL_NO_RUN');
  assert.equal(await endOf({ job_run_id: run.id, after: 'nonsense' }), '4500 STRATAL_BAD_CURSOR');
  assert.equal(await endOf({ after: 5 }), '4500 STRATAL_BAD_CURSOR');
  assert.equal(await endOf({ after: `${server.store.epoch}-r${run.key}.1` }), '4500 STRATAL_BAD_CURSOR');
  assert.equal(await endOf({ job_run_id: run.id, filter: { level: 'loud' } }), '4500 STRATAL_BAD_FILTER');
  assert.equal(await endOf({ job_run_id: run.id, tail: -1 }), '4500 STRATAL_BAD_PARAMETER');
  const long = await readWebSocket(server.url, { job_run_id: `${'ü'.repeat(80)}` }, []).untilEnded();
  assert.equal(long.code, 4504);
});

test('says with its code that a raw reader must sign in or may not read the run', async () => {
  const admin = { role: 'admin', jobs: 'all' } as const;
  const server = await start({
    authorize: (credential, _action, runId) => {
      if (credential.header('authorization') === undefined) throw new StratalError('STRATAL_SIGN_IN', 'Sign in.');
      if (runId === 'secret') throw new StratalError('STRATAL_FORBIDDEN', 'Not yours.');
      return admin;
    },
  });
  await server.writer.createRun('secret');
  const codeOf = async (headers: Record<string, string>) => {
    const url = streamUrl(server.url.replace('http', 'ws'), 'ws', { job_run_id: 'secret' });
    return (await once(new WebSocket(url, { headers }), 'close'))[0];
  };
  assert.equal(await codeOf({}), 4501);
  assert.equal(await codeOf({ authorization: 'Bearer x' }), 4503);
});

test('closes a bare raw reader with 4510 where others get a reset', async () => {
  const server = await start({});
  const run = await server.writer.createRun(newRunId());
  const after = `${server.store.epoch}-r${run.key}.7`;
  const bare = readWebSocket(server.url, { job_run_id: run.id, after }, []);
  assert.deepEqual(await bare.untilEnded(), { code: 4510, reason: 'ahead' });
  assert.deepEqual(bare.seen, []);
  const other = await readWebSocket(server.url, { job_run_id: run.id, after }, [SUBPROTOCOL]).untilLines(1);
  assert.deepEqual(other.types, ['connected', 'reset', 'log']);
  other.drop();
});

test('echoes stratal.v1 where it is offered and nothing else', async () => {
  const server = await start({});
  const run = await server.writer.createRun(newRunId());
  for (const [offered, chosen] of [
    [[], ''],
    [['other', SUBPROTOCOL], SUBPROTOCOL],
  ] as const) {
    const socket = open(server, { job_run_id: run.id }, [...offered]);
    await once(socket, 'open');
    assert.equal(socket.protocol, chosen);
    assert.equal(socket.extensions, '');
    socket.terminate();
  }
});

test('refuses a foreign origin before the upgrade', async () => {
  const server = await start({});
  const statusOf = async (path: string, headers: Record<string, string>) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`, { headers });
    const [, response] = await once(socket, 'unexpected-response');
    response.resume();
    return response.statusCode;
  };
  const ws = '/api/v1/logs/stream/ws';
  assert.equal(await statusOf(ws, { origin: 'http://evil.example' }), 403);
  assert.equal(await statusOf(ws, { origin: 'null' }), 403);
  assert.equal(await statusOf(ws, { host: 'evil.example' }), 403);
  assert.equal(await statusOf('/socket.io/?EIO=4&transport=websocket', { origin: 'http://evil.example' }), 403);
  assert.equal(await statusOf('/api/v1/logs/stream/other', {}), 404);
  assert.equal(await statusOf('/_next/hmr', {}), 404);
  const own = new WebSocket(`${server.url.replace('http', 'ws')}${ws}`, { headers: { origin: server.url } });
  await once(own, 'open');
  own.terminate();
});

test('pings raw readers every fifteen seconds and drops the dead', async () => {
  const clock = new ManualClock();
  const server = await start({ clock });
  const run = await server.writer.createRun(newRunId());
  const alive = open(server, { job_run_id: run.id });
  const dead = new WebSocket(streamUrl(server.url.replace('http', 'ws'), 'ws', { job_run_id: run.id }), {
    autoPong: false,
  });
  await Promise.all([once(alive, 'message'), once(dead, 'message')]);
  const closed = once(dead, 'close');
  for (let beats = 0; beats < 2; beats++) {
    const pinged = Promise.all([once(alive, 'ping'), once(dead, 'ping')]);
    const ponged = once(serverSideOf(server, alive), 'data');
    clock.advance(PROGRESS_INTERVAL_MS);
    await pinged;
    await ponged;
  }
  clock.advance(PROGRESS_INTERVAL_MS);
  assert.equal((await closed)[0], 1006);
  assert.equal(alive.readyState, WebSocket.OPEN);
  alive.terminate();
});

test('writes all frames of a commit in one write', async () => {
  const server = await start({});
  const run = await server.writer.createRun(newRunId());
  const reader = await readWebSocket(server.url, { job_run_id: run.id }, []).untilLines(1);
  const [socket] = server.sockets;
  assert.ok(socket);
  let writes = 0;
  const write = socket.write.bind(socket);
  socket.write = ((...args: Parameters<typeof write>) => {
    writes += 1;
    return write(...args);
  }) as typeof write;
  await server.writer.commit([linesOp(run, Array<string>(200).fill('line'))]);
  await reader.untilLines(201);
  assert.equal(writes, 1);
  reader.drop();
});

test('frames text of any length and script so that ws reads it back', async () => {
  const server = await start({});
  const run = await server.writer.createRun(newRunId());
  const texts = ['', 'a\nb\r\tc\u001b[31m', 'ü€😀', '\u2028\u2029', '"\\'];
  // Around the frame headers' limits of 125 and 65,535 bytes, in ASCII and not.
  for (const size of [1, 20, 40, 60, 65_380, 65_390, 65_400, 65_410, 65_420, 65_440, 120_000]) {
    texts.push('x'.repeat(size), 'ü'.repeat(size / 2), '€'.repeat(size / 3));
  }
  await server.writer.lines(run, texts);
  const reader = await readWebSocket(server.url, { job_run_id: run.id }, []).untilLines(texts.length + 1);
  assert.deepEqual(reader.messages.slice(1), texts);
  reader.drop();
});

test('gives a socket up whose client leaves during the handshake', async () => {
  const server = await start({});
  const run = await server.writer.createRun(newRunId());
  const socket = connect(server.port, '127.0.0.1');
  socket.end(
    `GET /api/v1/logs/stream/ws?job_run_id=${run.id} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  socket.resume();
  await once(socket, 'close');
  await untilTrue(
    () => server.sockets.size === 0 && Object.keys(server.transports.status().connections.jobs).length === 0,
  );
});

/** The server's end of a client's connection. */
function serverSideOf(server: TestServer, client: WebSocket) {
  const port = '_socket' in client && localPortOf(client._socket);
  const found = [...server.sockets].find((socket) => socket.remotePort === port);
  assert.ok(found);
  return found;
}

function localPortOf(socket: unknown): unknown {
  return typeof socket === 'object' && socket !== null && 'localPort' in socket ? socket.localPort : undefined;
}
