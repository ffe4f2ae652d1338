import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import net from 'node:net';
import { expect, test } from '@playwright/test';
import { ApiClient, freshId } from './api-client';
import { Bystanders } from './bystanders';
import { INSPECTED, liveHeapBytes } from './heap-probe';
import { canMeasureMemory } from './process-memory';
import { StratalServer } from './stratal-server';

/** Connections that are opened in masses and dropped by force, and some that never say all that they have to. */

/** A soak: STRATAL_TEST_CASES=20 makes twenty times as many waves. */
const WAVES = Math.ceil(10 * Number(process.env.STRATAL_TEST_CASES ?? 1));
const PER_WAVE = 500;
/** What the waves after the first half may leave on the heap, however many there are: caches fill, and the bystanders go on. */
const GROWTH_BYTES_MAX = 4 * 1024 * 1024;

let server: StratalServer;
let api: ApiClient;
const run = freshId('flooded');

test.beforeAll(async () => {
  // The newest lines of bystanders are not to be taken for something left behind.
  server = await StratalServer.start({ env: { ...INSPECTED, STRATAL_TAIL_BYTES: '1MiB' } });
  api = new ApiClient(server.url);
  // Enough to be in the middle of it when the connection goes.
  await api.lines(run, Array<string>(2000).fill('x'.repeat(200)));
});

test.afterAll(async () => {
  api.close();
  await server.close();
});

const UPGRADE =
  'Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const SSE = `GET /api/v1/logs/stream/sse?job_run_id=${run} HTTP/1.1\r\nHost: localhost\r\n`;
const WS = `GET /api/v1/logs/stream/ws?job_run_id=${run} HTTP/1.1\r\n${UPGRADE}`;
const SOCKET_IO = `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${UPGRADE}`;

/** A masked text frame; a mask of zeros changes nothing. */
function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

/** What a connection sends before it goes. `waits`: until something came back. */
const KINDS: ReadonlyArray<{ sends: Array<string | Buffer>; waits: boolean }> = [
  { sends: [`${SSE}\r\n`], waits: true },
  { sends: [`${SSE}\r\n`], waits: false },
  { sends: [`GET /api/v1/logs/stream/sse HTTP/1.1\r\nHost: localhost\r\n\r\n`], waits: true },
  { sends: [`${WS}\r\n`], waits: true },
  { sends: [`${WS}\r\n`], waits: false },
  { sends: [WS], waits: false },
  {
    sends: [`${SOCKET_IO}\r\n`, frame('40/logs,'), frame(`42/logs,1["subscribe",{"sub":1,"job_run_id":"${run}"}]`)],
    waits: true,
  },
  { sends: [`${SOCKET_IO}\r\n`], waits: false },
  { sends: [SOCKET_IO], waits: false },
  { sends: [`GET /api/v1/logs/job-runs/${run}?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n`], waits: false },
  { sends: [`GET /api/v1/logs/job-runs/${run}?after=2000&wait=25 HTTP/1.1\r\nHost: localhost\r\n\r\n`], waits: false },
  { sends: [`GET /api/v1/logs/job-runs/${run}/download HTTP/1.1\r\nHost: localhost\r\n\r\n`], waits: true },
  { sends: [`POST /api/v1/logs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"mess`], waits: false },
  { sends: [], waits: false },
];

async function openAndDrop(index: number): Promise<void> {
  const { sends, waits } = KINDS[index % KINDS.length] ?? { sends: [], waits: false };
  const socket = net.connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  for (const bytes of sends) socket.write(bytes);
  if (waits) await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  // By turns a reset, an end without reading, and a half close that is then cut.
  if (index % 3 === 0) socket.resetAndDestroy();
  else if (index % 3 === 1) socket.destroy();
  else socket.end(() => socket.destroy());
  if (!socket.closed) await once(socket, 'close');
}

async function untilQuiet(): Promise<void> {
  await expect
    .poll(async () => Object(await (await api.get('logs/stream/status')).json('connections')), { timeout: 20_000 })
    .toEqual({
      global: { websocket: 0, sse: 0, socketio: 0 },
      jobs: expect.not.objectContaining({ [run]: expect.anything() }),
    });
}

/** The two pools of connections to Postgres open theirs when first needed, 5 each; worker threads are there halfway. */
const POOLED_FILES_MAX = 15;

function openFiles(): number {
  return readdirSync(`/proc/${server.pid}/fd`).length;
}

test('thousands of connections that are dropped by force leave nothing behind', async () => {
  const bystanders = await Bystanders.start(server);
  let filesHalfway = 0;
  let bytesHalfway = 0;
  for (let wave = 0; wave < WAVES; wave++) {
    await Promise.all(Array.from({ length: PER_WAVE }, (_, index) => openAndDrop(wave + index)));
    if (wave === Math.floor(WAVES / 2)) {
      await untilQuiet();
      filesHalfway = canMeasureMemory ? openFiles() : 0;
      bytesHalfway = await liveHeapBytes(server);
    }
  }
  await untilQuiet();
  if (canMeasureMemory) {
    await expect.poll(openFiles, { timeout: 20_000 }).toBeLessThanOrEqual(filesHalfway + POOLED_FILES_MAX);
  }
  const bytesLeft = (await liveHeapBytes(server)) - bytesHalfway;
  expect(bytesLeft).toBeLessThan(GROWTH_BYTES_MAX);
  await bystanders.expectUndisturbed();
});

/** What headers begin with that never end. */
const SLOW_STARTS = {
  requests: [
    '',
    'GET',
    'GET /api/v1/job-runs HTTP/1.1\r\n',
    SSE,
    `GET /nothing HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n`,
    `POST /api/v1/logs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n`,
  ],
  upgrades: [WS, SOCKET_IO, `GET /nothing HTTP/1.1\r\n${UPGRADE}`],
};
/** So many at once, all of which are cut. */
const SLOW = 1000;
/** 2 KiB each: less than one socket. */
const SLOW_GROWTH_BYTES_MAX = 2 * 1024 * 1024;

for (const [what, starts] of Object.entries(SLOW_STARTS)) {
  test(`headers of ${what} that never end are cut after ten seconds, and leave nothing behind`, async () => {
    const bystanders = await Bystanders.start(server);
    const dribbleAll = (count: number) =>
      Promise.all(Array.from({ length: count }, (_, index) => dribble(starts[index % starts.length] ?? '')));
    await dribbleAll(starts.length * 10);
    await untilQuiet();
    const filesBefore = canMeasureMemory ? openFiles() : 0;
    const bytesBefore = await liveHeapBytes(server);
    const answers = await dribbleAll(SLOW);
    for (const text of answers) expect(text).toMatch(/^(HTTP\/1\.1 408 [\s\S]*STRATAL_REQUEST_TIMEOUT[\s\S]*)?$/);
    expect(answers.filter((text) => text !== '').length).toBeGreaterThan(0);
    await untilQuiet();
    if (canMeasureMemory) {
      await expect.poll(openFiles, { timeout: 20_000 }).toBeLessThanOrEqual(filesBefore + POOLED_FILES_MAX);
    }
    expect((await liveHeapBytes(server)) - bytesBefore).toBeLessThan(SLOW_GROWTH_BYTES_MAX);
    await bystanders.expectUndisturbed();
  });
}

test('a body that never ends is not cut', async () => {
  const slowRun = freshId('slow');
  const { request, answer } = api.open('POST', `job-runs/${slowRun}/logs`, { 'content-type': 'application/x-ndjson' });
  request.write('{"message":"first"}\n{"mess');
  // As long as headers may take, and more.
  await dribble(SSE);
  expect(await api.messages(slowRun)).toEqual(['first']);
  request.end('age":"second"}\n');
  expect((await answer).json('accepted')).toBe(2);
  expect(await api.messages(slowRun)).toEqual(['first', 'second']);
});

/** Sends a header field a piece at a time until the server ends the connection; gives what it said. */
async function dribble(start: string): Promise<string> {
  const socket = net.connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  let said = '';
  socket.on('data', (data) => {
    said += data;
  });
  if (start !== '') socket.write(start);
  const pace = setInterval(() => start.includes('\r\n') && socket.write('X-Slow: a\r\n'), 500);
  await once(socket, 'close');
  clearInterval(pace);
  return said;
}

test('refused connections that do not go are cut', async () => {
  const filesBefore = canMeasureMemory ? openFiles() : 0;
  const held = await Promise.all(
    [
      'garbage\r\n\r\n',
      `GET /nothing HTTP/1.1\r\n${UPGRADE}\r\n`,
      WS.replace('localhost', 'evil.example').concat('\r\n'),
      'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
    ].map(async (bytes) => {
      const socket = net.connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
      socket.on('error', () => {});
      socket.write(bytes);
      // The answer is read, and the own side never ended.
      for await (const _piece of socket.iterator({ destroyOnReturn: false }));
      return socket;
    }),
  );
  if (canMeasureMemory) await expect.poll(openFiles, { timeout: 10_000 }).toBeLessThanOrEqual(filesBefore + 1);
  for (const socket of held) socket.destroy();
});
