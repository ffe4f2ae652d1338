import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright';
import { StratalServer } from '@/e2e/stratal-server';
import { openTestDatabase, type TestDatabase } from '@/lib/store/testing/test-database';
import { findChromium } from '@/scripts/find-chromium.mjs';
import { CLIENTS, streamUrl } from './testing/clients';
import { range } from './testing/test-fixture';

/** The built server as two processes on one DATABASE_URL: what one commits, readers of the other get. Build first: npm run build. */

const PYTHON = '/usr/bin/python3';
const hasPython = spawnSync(PYTHON, ['-c', 'import websockets']).status === 0;
const executablePath = await findChromium();

/** Prints the frames of a stream, one a line, and then its close code. */
const PYTHON_READER = `
import asyncio, sys, websockets
async def read():
    async with websockets.connect(sys.argv[1], subprotocols=sys.argv[2:] or None) as socket:
        async for frame in socket:
            print(frame)
        print("closed", socket.close_code, socket.close_reason)
asyncio.run(read())
`;

let database: TestDatabase;
let direct: StratalServer;
let handler: StratalServer;
let runs = 0;

before(async () => {
  database = await openTestDatabase();
  direct = await StratalServer.start({ env: database.environment });
  handler = await StratalServer.start({ env: { ...database.environment, STRATAL_SSE: 'handler' } });
});
after(async () => {
  await handler?.close();
  await direct?.close();
  await database?.drop();
});

async function send(method: string, server: StratalServer, path: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${server.url}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`);
}

async function createRun(server: StratalServer): Promise<string> {
  runs += 1;
  const id = `run-${runs}`;
  await send('POST', server, '/job-runs', { id, job_name: 'two processes' });
  return id;
}

function post(server: StratalServer, run: string, messages: string[]): Promise<void> {
  return send(
    'POST',
    server,
    `/job-runs/${run}/logs`,
    messages.map((message) => ({ message })),
  );
}

/** A run with these lines that has ended: with its first and last line, two more. */
async function finishedRun(server: StratalServer, messages: string[]): Promise<string> {
  const run = await createRun(server);
  await post(server, run, messages);
  await send('PATCH', server, `/job-runs/${run}`, { status: 'failed', exit_code: 3 });
  return run;
}

describe('two server processes', { timeout: 120_000 }, () => {
  for (const { name, sse, read } of CLIENTS) {
    test(`a reader of one gets what the other commits, and resumes there: ${name}`, async () => {
      const [home, other] = sse === 'handler' ? [handler, direct] : [direct, handler];
      const run = await createRun(other);
      const reader = read(home.url, { job_run_id: run });
      await reader.untilLines(1);
      await post(other, run, ['two', 'three']);
      await reader.untilLines(3);
      await post(home, run, ['four']);
      await reader.untilLines(4);
      const cursor = reader.resumeAt;
      assert.ok(cursor);
      reader.drop();
      await post(other, run, ['five']);
      await send('PATCH', other, `/job-runs/${run}`, { status: 'completed' });
      const resumed = read(home.url, { job_run_id: run, after: cursor });
      await resumed.untilEnded();
      assert.deepEqual([...reader.ids, ...resumed.ids], range(1, 6));
      assert.deepEqual(resumed.controls('reset'), []);
    });
  }

  test('one that is killed takes no line with it, and readers of the other miss nothing', async () => {
    const run = await createRun(direct);
    const [client] = CLIENTS.filter(({ name }) => name === 'stratal.v1');
    assert.ok(client);
    const reader = client.read(handler.url, { job_run_id: run });
    await post(direct, run, ['two']);
    await direct.stop('SIGKILL');
    await reader.untilLines(2);
    await post(handler, run, ['three']);
    await direct.startAgain();
    await post(direct, run, ['four']);
    await send('PATCH', direct, `/job-runs/${run}`, { status: 'completed' });
    await reader.untilEnded();
    assert.deepEqual(reader.ids, range(1, 5));
    assert.deepEqual(reader.messages.slice(1, 4), ['two', 'three', 'four']);
  });
});

describe('clients not written here', { timeout: 120_000 }, () => {
  test('curl reads a stream to its end', async () => {
    const run = await finishedRun(direct, ['from curl’s side', 'ünïcödé']);
    for (const { url } of [direct, handler]) {
      const curl = spawn('curl', ['-sSN', '--fail', streamUrl(url, 'sse', { job_run_id: run })]);
      const events = (await text(curl.stdout)).split('\n\n').filter((event) => event.includes('event: log'));
      const lines = events.map((event) => JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? '{}'));
      assert.deepEqual(
        lines.map((line) => [line.id, line.message]).slice(1, 3),
        [2, 3].map((id) => [id, ['from curl’s side', 'ünïcödé'][id - 2]]),
      );
      assert.equal(lines.length, 4);
    }
  });

  test("Python's websockets reads bare frames and the subprotocol's, and the close code", {
    skip: !hasPython && 'there is no websockets for /usr/bin/python3',
  }, async () => {
    const run = await finishedRun(direct, ['from Python’s side', 'x'.repeat(100_000)]);
    const url = streamUrl(direct.url.replace('http', 'ws'), 'ws', { job_run_id: run });
    for (const protocols of [[], ['stratal.v1']]) {
      const python = spawn(PYTHON, ['-c', PYTHON_READER, url, ...protocols], {
        env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
      });
      const printed = (await text(python.stdout)).trimEnd().split('\n');
      assert.equal(printed.pop(), 'closed 1000 failed');
      const frames = printed.map((frame) => JSON.parse(frame));
      const lines = frames.filter((frame) => frame.type === undefined);
      assert.deepEqual(
        lines.map((line) => line.id),
        range(1, 4),
      );
      assert.equal(lines[2].message.length, 100_000);
      const controls = frames.flatMap((frame) => frame.type ?? []);
      assert.deepEqual(controls, protocols.length > 0 ? ['connected', 'run-end'] : []);
    }
  });

  test("the browser's own EventSource and WebSocket read a run to its end", {
    skip: executablePath === undefined && 'there is no Chromium on this machine',
  }, async () => {
    const run = await finishedRun(direct, ['from the browser’s side']);
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
    try {
      const page = await browser.newPage();
      await page.goto(`${direct.url}/status`);
      const read = await page.evaluate(async (query) => {
        const sse: number[] = [];
        const source = new EventSource(`/api/v1/logs/stream/sse?${query}`);
        source.addEventListener('log', (event) => sse.push(JSON.parse(event.data).id));
        await new Promise((resolve) => source.addEventListener('run-end', resolve));
        // It comes back at the run-end by itself, and the 204 there tells it to stop.
        await new Promise<void>((resolve) => {
          source.addEventListener('error', () => {
            if (source.readyState === EventSource.CLOSED) resolve();
          });
        });
        const ws: number[] = [];
        const socket = new WebSocket(`ws://${location.host}/api/v1/logs/stream/ws?${query}`);
        socket.addEventListener('message', (event) => ws.push(JSON.parse(event.data).id));
        const close = await new Promise<CloseEvent>((resolve) => socket.addEventListener('close', resolve));
        return { sse, ws, close: [close.code, close.reason] };
      }, `job_run_id=${run}`);
      assert.deepEqual(read, { sse: range(1, 3), ws: range(1, 3), close: [1000, 'failed'] });
    } finally {
      await browser.close();
    }
  });
});
