import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from '@playwright/test';
import { EventSource } from 'eventsource';
import { io, type Socket } from 'socket.io-client';
import WebSocket from 'ws';
import { createRun, finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** Programs that others wrote, used as their own documentation says, against the built server. */

const PYTHON = '/usr/bin/python3';
const TWO_AND_START = ['Job run started', 'one', 'two'];

let server: StratalServer;
let api: string;
let runs = 0;

test.beforeAll(async () => {
  server = await StratalServer.start();
  api = `${server.url}/api/v1`;
});

test.afterAll(async () => {
  await server.close();
});

/** A run with lines 1 to 3: TWO_AND_START. */
async function startRun(): Promise<string> {
  runs += 1;
  const id = `run-${runs}`;
  await createRun(server.url, id);
  await postLines(server.url, id, ['one', 'two']);
  return id;
}

function messageOf(json: string): string {
  const { message }: { message: string } = JSON.parse(json);
  return message;
}

/** The messages of the `log` events in an event stream's text. */
function messagesOfEvents(stream: string): string[] {
  return stream
    .split('\n\n')
    .filter((event) => /^event: log$/m.test(event))
    .map((event) => messageOf(/^data: (.*)$/m.exec(event)?.[1] ?? ''));
}

test.describe('curl', () => {
  async function curl(...args: string[]): Promise<string> {
    const child = spawn('curl', ['-sS', '--fail-with-body', ...args]);
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    expect(errors).toBe('');
    return output;
  }

  test('reads a run’s history', async () => {
    const id = await startRun();
    const { logs, pagination } = JSON.parse(await curl(`${api}/logs/job-runs/${id}?limit=2&offset=1`));
    expect(logs).toMatchObject([
      { id: 2, stream: 'stdout', message: 'one' },
      { id: 3, stream: 'stdout', message: 'two' },
    ]);
    expect(pagination).toMatchObject({ total: 3, limit: 2, offset: 1, count: 2 });
  });

  test('follows a run with -N until the run ends', async () => {
    const id = await startRun();
    const child = spawn('curl', ['-sSN', `${api}/logs/stream/sse?job_run_id=${id}`]);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      output += part;
    });
    const closed = once(child, 'close');
    await expect.poll(() => messagesOfEvents(output)).toEqual(TWO_AND_START);
    await postLines(server.url, id, ['three']);
    await expect.poll(() => messagesOfEvents(output).at(-1)).toBe('three');
    await finishRun(server.url, id);
    expect((await closed)[0]).toBe(0);
    expect(output).toMatch(/^event: run-end$/m);
  });

  test('sends what a pipe gives it, line by line, while the pipe is open', async () => {
    const id = await startRun();
    const child = spawn('curl', [
      '-sS',
      '-T',
      '-',
      '-X',
      'POST',
      '-H',
      'Content-Type: application/x-ndjson',
      `${api}/job-runs/${id}/logs`,
    ]);
    const answer = text(child.stdout);
    child.stdin.write('{"message":"piped 1"}\n');
    const newest = async () => JSON.parse(await curl(`${api}/logs/job-runs/${id}?tail=1`)).logs[0].message;
    await expect.poll(newest).toBe('piped 1');
    child.stdin.end('{"message":"piped 2","level":"WARN"}\n{"message":"piped 3"}');
    expect(JSON.parse(await answer)).toMatchObject({ accepted: 3, skipped: 0, job_run_ids: [id] });
    expect(await newest()).toBe('piped 3');
  });

  test('sends a line without naming a media type, and saves the log under the server’s name', async () => {
    await curl('-d', '{"message":"Hello"}', `${api}/job-runs/hello-run/logs`);
    const folder = await mkdtemp(path.join(tmpdir(), 'stratal-e2e-'));
    const address = `${api}/logs/job-runs/hello-run/download?format=raw`;
    await curl('-OJ', '--compressed', '--output-dir', folder, address);
    expect(await readFile(path.join(folder, 'stratal-hello-run.log'), 'utf8')).toBe('Hello\n');
    await rm(folder, { recursive: true });
  });
});

test.describe('eventsource', () => {
  test('comes back by itself after a restart, at the next line, and stops where the run ends', async () => {
    const id = await startRun();
    const answers: number[] = [];
    const source = new EventSource(`${api}/logs/stream/sse?job_run_id=${id}`, {
      fetch: async (url, init) => {
        const answer = await fetch(url, init);
        answers.push(answer.status);
        return answer;
      },
    });
    const received: string[] = [];
    source.addEventListener('log', ({ data }) => received.push(messageOf(data)));
    await expect.poll(() => received).toEqual(TWO_AND_START);

    await server.stop('SIGTERM');
    await server.startAgain();
    await postLines(server.url, id, ['after a restart']);
    await expect.poll(() => received.at(-1)).toBe('after a restart');

    await server.stop('SIGKILL');
    await server.startAgain();
    await postLines(server.url, id, ['after a kill']);
    await finishRun(server.url, id);
    await expect.poll(() => answers.at(-1), { timeout: 20_000 }).toBe(204);
    await expect.poll(() => source.readyState).toBe(EventSource.CLOSED);
    expect(received.slice(0, 5)).toEqual([...TWO_AND_START, 'after a restart', 'after a kill']);
    expect(received).toHaveLength(6);
  });
});

test.describe('ws', () => {
  /** Everything that a socket gets until it is closed. */
  function read(socket: WebSocket): { frames: string[]; closed: Promise<{ code: number; reason: string }> } {
    const frames: string[] = [];
    socket.on('message', (data) => frames.push(String(data)));
    const closed = once(socket, 'close').then(([code, reason]) => ({ code: Number(code), reason: String(reason) }));
    return { frames, closed };
  }

  const url = (id: string, more = '') => `${api.replace('http', 'ws')}/logs/stream/ws?job_run_id=${id}${more}`;

  test('gets bare messages alone, and 1000 with the status at the end', async () => {
    const id = await startRun();
    const { frames, closed } = read(new WebSocket(url(id)));
    await expect.poll(() => frames.map(messageOf)).toEqual(TWO_AND_START);
    await postLines(server.url, id, ['three']);
    await finishRun(server.url, id, { status: 'failed', exit_code: 1 });
    expect(await closed).toEqual({ code: 1000, reason: 'failed' });
    const lines: unknown[] = frames.map((frame) => JSON.parse(frame));
    expect(lines).toHaveLength(5);
    for (const [index, line] of lines.entries()) {
      expect(line).toMatchObject({
        id: index + 1,
        job_run_id: id,
        level: expect.any(String),
        stream: expect.any(String),
      });
      expect(line).not.toHaveProperty('type');
    }
  });

  test('gets control frames too where it asks for them by subprotocol, and resumes after a line', async () => {
    const id = await startRun();
    const socket = new WebSocket(url(id, '&after=2'), 'stratal.v1');
    const { frames, closed } = read(socket);
    await finishRun(server.url, id, { exit_code: 0 });
    await closed;
    expect(socket.protocol).toBe('stratal.v1');
    const kinds = frames.map((frame) => {
      const value: { type?: string; id?: number } = JSON.parse(frame);
      return value.type ?? value.id;
    });
    expect(kinds).toEqual(['connected', 3, 4, 'run-end']);
    expect(JSON.parse(frames.at(-1) ?? '')).toMatchObject({
      job_run_id: id,
      status: 'completed',
      exit_code: 0,
      last: 4,
    });
  });

  test('is told why it is refused', async () => {
    const { closed } = read(new WebSocket(url('no-such-run')));
    expect((await closed).code).toBe(4504);
  });
});

test.describe('socket.io-client', () => {
  let socket: Socket;

  test.beforeEach(() => {
    socket = io(`${server.url}/logs`, { transports: ['websocket'] });
  });

  test.afterEach(() => {
    socket.disconnect();
  });

  test('has several subscriptions on one connection, and acknowledges what it got', async () => {
    const [first, second] = [await startRun(), await startRun()];
    const received = new Map<string, string[]>([
      [first, []],
      [second, []],
    ]);
    socket.on('lines', ({ sub, lines }: { sub: string; lines: { message: string }[] }, acknowledge: () => void) => {
      received.get(sub)?.push(...lines.map(({ message }) => message));
      acknowledge();
    });
    expect(await socket.emitWithAck('subscribe', { sub: first, job_run_id: first })).toMatchObject({ ok: true });
    expect(await socket.emitWithAck('subscribe', { sub: second, job_run_id: second, tail: 1 })).toMatchObject({
      ok: true,
    });
    await expect.poll(() => received.get(first)).toEqual(TWO_AND_START);
    await expect.poll(() => received.get(second)).toEqual(['two']);
    await postLines(server.url, second, ['three']);
    await expect.poll(() => received.get(second)).toEqual(['two', 'three']);
    expect(received.get(first)).toEqual(TWO_AND_START);
  });

  test('gets no further lines while it does not acknowledge, and all of them once it does', async () => {
    const id = await startRun();
    const lines = Array.from({ length: 2000 }, (_, index) => `${index} ${'x'.repeat(1000)}`);
    const waiting: Array<() => void> = [];
    let isAcknowledging = false;
    const received: string[] = [];
    let bytes = 0;
    socket.on('lines', (event: { lines: { message: string }[] }, acknowledge: () => void) => {
      received.push(...event.lines.map(({ message }) => message));
      bytes += JSON.stringify(event).length;
      if (isAcknowledging) acknowledge();
      else waiting.push(acknowledge);
    });
    await socket.emitWithAck('subscribe', { sub: 1, job_run_id: id });
    await postLines(server.url, id, lines);
    await expect.poll(() => received.length).toBeGreaterThan(TWO_AND_START.length);
    // An answer on the same connection comes after whatever was sent before it.
    expect(await socket.emitWithAck('watch', { run: id })).toEqual({ ok: true });
    expect(bytes).toBeLessThan(256 * 1024);
    isAcknowledging = true;
    for (const acknowledge of waiting) acknowledge();
    await expect.poll(() => received.length).toBe(TWO_AND_START.length + lines.length);
    expect(received).toEqual([...TWO_AND_START, ...lines]);
  });

  test('gets news of runs that it watches', async () => {
    const id = await startRun();
    const news: Array<{ job_run: { status: string; line_count: number } }> = [];
    socket.on('run', (event) => news.push(event));
    expect(await socket.emitWithAck('watch', { run: id })).toEqual({ ok: true });
    await finishRun(server.url, id, { status: 'canceled' });
    await expect.poll(() => news.at(-1)?.job_run).toMatchObject({ id, status: 'canceled', line_count: 4 });
  });

  test('gets a problem object for a run that does not exist', async () => {
    const answer = await socket.emitWithAck('subscribe', { sub: 1, job_run_id: 'no-such-run' });
    expect(answer).toMatchObject({ status: 404, code: 'STRATAL_NO_RUN' });
  });
});

test.describe('Python’s websockets', () => {
  const hasClient = spawnSync(PYTHON, ['-c', 'import websockets']).status === 0;
  const absence = `${PYTHON} has no module websockets: apt-get install python3-websockets`;
  // The reporter does not tell reasons.
  if (!hasClient) console.log(`A test of e2e/clients-programs.spec.ts is skipped: ${absence}`);
  test.skip(!hasClient, absence);

  const READER = `
import asyncio, json, sys, websockets

async def read():
    async with websockets.connect(sys.argv[1]) as socket:
        async for frame in socket:
            print(json.loads(frame)["message"], flush=True)
        print("closed", socket.close_code, socket.close_reason, flush=True)

asyncio.run(read())
`;

  test('reads a run live to its end', async () => {
    const id = await startRun();
    const child: ChildProcessWithoutNullStreams = spawn(PYTHON, [
      '-c',
      READER,
      `${api.replace('http', 'ws')}/logs/stream/ws?job_run_id=${id}`,
    ]);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      output += part;
    });
    const failure = text(child.stderr);
    const ended = once(child, 'close');
    await expect.poll(() => output).toBe('Job run started\none\ntwo\n');
    await postLines(server.url, id, ['drei: größer ✓']);
    await expect.poll(() => output).toBe('Job run started\none\ntwo\ndrei: größer ✓\n');
    await finishRun(server.url, id);
    await ended;
    expect(await failure).toBe('');
    expect(output).toMatch(/closed 1000 completed\n$/);
  });
});
