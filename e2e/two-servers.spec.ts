import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { EventSource } from 'eventsource';
import { io } from 'socket.io-client';
import WebSocket from 'ws';
import { type EmbeddedProcess, startEmbeddedProcess } from '@/lib/store/testing/embedded-process';
import { createRun, finishRun, postLines } from './rest-client';
import { StratalServer } from './stratal-server';

/** Two server processes on one Postgres: any of them takes lines, any of them is read, any of them may die. */

let folder: string;
let postgres: EmbeddedProcess;
let first: StratalServer;
let second: StratalServer;

test.beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stratal-e2e-postgres-'));
  // Started by root, Postgres runs as another user, who has to pass this folder.
  await chmod(folder, 0o755);
  postgres = startEmbeddedProcess(path.join(folder, 'data'));
  const { host, port, database, username } = await postgres.connection;
  const env = { DATABASE_URL: `postgres:///${database}`, PGHOST: host, PGPORT: String(port), PGUSERNAME: username };
  // One after the other: the first of them makes the tables.
  first = await StratalServer.start({ env });
  second = await StratalServer.start({ env });
});

test.afterAll(async () => {
  await first?.close();
  await second?.close();
  await postgres?.end('SIGTERM');
  await rm(folder, { recursive: true, force: true });
});

interface Line {
  id: number;
  message: string;
}

interface Reader {
  lines: Line[];
  stop: () => void;
}

/** Each way to follow a run, by a client of others. */
const READERS: Record<string, (server: StratalServer, id: string) => Reader> = {
  SSE: ({ url }, id) => {
    const lines: Line[] = [];
    const source = new EventSource(`${url}/api/v1/logs/stream/sse?job_run_id=${id}`);
    source.addEventListener('log', ({ data }) => lines.push(JSON.parse(data)));
    return { lines, stop: () => source.close() };
  },
  WebSocket: ({ port }, id) => {
    const lines: Line[] = [];
    const socket = new WebSocket(`ws://localhost:${port}/api/v1/logs/stream/ws?job_run_id=${id}`);
    socket.on('message', (data) => lines.push(JSON.parse(String(data))));
    return { lines, stop: () => socket.terminate() };
  },
  'Socket.IO': ({ url }, id) => {
    const lines: Line[] = [];
    const socket = io(`${url}/logs`, { transports: ['websocket'] });
    socket.on('connect', () => void socket.emitWithAck('subscribe', { sub: id, job_run_id: id }));
    socket.on('lines', (event: { lines: Line[] }, acknowledge: () => void) => {
      lines.push(...event.lines);
      acknowledge();
    });
    return { lines, stop: () => socket.disconnect() };
  },
};

function messagesOf({ lines }: Reader): string[] {
  return lines.map(({ message }) => message);
}

for (const [name, read] of Object.entries(READERS)) {
  test(`lines that one server takes are read live at the other: ${name}`, async () => {
    const id = `read-by-${name.replace('.', '-')}`;
    await createRun(first.url, id);
    const reader = read(second, id);
    await expect.poll(() => messagesOf(reader)).toEqual(['Job run started']);
    await postLines(first.url, id, ['to the first']);
    await expect.poll(() => messagesOf(reader)).toEqual(['Job run started', 'to the first']);
    await postLines(second.url, id, ['to the second']);
    await postLines(first.url, id, ['to the first again']);
    await finishRun(first.url, id);
    const all = ['Job run started', 'to the first', 'to the second', 'to the first again', 'Job run completed'];
    await expect.poll(() => messagesOf(reader)).toEqual(all);
    expect(reader.lines.map((line) => line.id)).toEqual([1, 2, 3, 4, 5]);
    reader.stop();
  });
}

test('a batch that is repeated at the other server, because the first one was killed, is stored once', async () => {
  const id = 'orphaned-run';
  await createRun(first.url, id);
  const reader = READERS.WebSocket?.(second, id);
  if (!reader) throw new Error('no reader');
  const source = randomUUID();
  const send = (server: StratalServer, position: number, body: string | ReadableStream) => {
    const headers = {
      'Content-Type': 'application/x-ndjson',
      'Stratal-Source': source,
      'Stratal-Position': String(position),
    };
    // Not in the DOM's types: fetch asks for it where a body is streamed.
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', headers, body, duplex: 'half' };
    return fetch(`${server.url}/api/v1/job-runs/${id}/logs`, init);
  };
  const encode = (messages: readonly string[]) =>
    messages.map((message) => `${JSON.stringify({ message })}\n`).join('');

  const known = Array.from({ length: 100 }, (_, index) => `known ${index}`);
  expect((await send(first, 0, encode(known))).status).toBe(200);
  const stored = Array.from({ length: 10_000 }, (_, index) => `stored before the kill ${index}`);
  const missed = Array.from({ length: 10_000 }, (_, index) => `not sent before the kill ${index}`);
  const halfOfBody = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(encode(stored))),
  });
  const unanswered = expect(send(first, 100, halfOfBody)).rejects.toThrow();
  await expect.poll(() => reader.lines.length).toBe(1 + known.length + stored.length);
  await first.stop('SIGKILL');
  await unanswered;

  const repeated = await send(second, 100, encode([...stored, ...missed]));
  expect(await repeated.json()).toMatchObject({ accepted: 10_000, skipped: 10_000, next: 20_100 });
  // And what was answered long ago.
  expect(await (await send(second, 0, encode(known))).json()).toMatchObject({
    accepted: 0,
    skipped: 100,
    next: 20_100,
  });

  const all = ['Job run started', ...known, ...stored, ...missed];
  await expect.poll(() => reader.lines.length).toBe(all.length);
  expect(messagesOf(reader)).toEqual(all);
  expect(reader.lines.map((line) => line.id)).toEqual(all.map((_, index) => index + 1));

  await first.startAgain();
  const late = READERS.SSE?.(first, id);
  await finishRun(second.url, id);
  await expect.poll(() => late?.lines.length).toBe(all.length + 1);
  expect(late?.lines).toEqual(reader.lines);
  late?.stop();
  reader.stop();
});
