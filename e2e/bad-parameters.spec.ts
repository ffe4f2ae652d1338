import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { expect } from '@playwright/test';
import fc from 'fast-check';
import WebSocket from 'ws';
import { Answer, freshId } from './api-client';
import { test } from './api-test';
import { ADDRESSES, address, parameters, someId } from './arbitrary-parameters';
import { Bystanders } from './bystanders';
import { expectCleanAnswer, INSIDES } from './raw-exchange';
import { cases } from './seed';

/** Parameters, cursors, filters, ids and bodies of any kind, on every address that reads or changes something. */

/** Characters that no text of UTF-16 has whole, or that HTTP cannot carry, are left out of URLs; others are encoded. */
function encoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, ''));
}

test('parameters of any kind are taken or refused by name, on every address and stream', async ({ server, api }) => {
  const run = freshId('read');
  const task = freshId('task');
  await api.lines(run, [
    'one',
    { message: 'two', task_run_id: task, task_name: 'build' },
    { message: 'three', level: 'error' },
  ]);
  const epoch = String((await api.get(`logs/job-runs/${run}`)).json('pagination.next')).split('-')[0] ?? '';
  const name = (text: string) => text.replaceAll('RUN', run).replaceAll('TASK', task).replaceAll('EPOCH', epoch);
  const bystanders = await Bystanders.start(server);
  await fc.assert(
    fc.asyncProperty(address, someId, parameters, async (address, id, parameters) => {
      const place = address.replace('ID', encoded(name(id)));
      const query = parameters
        // A poll that waits for its seconds would be all that this does.
        .filter(([key]) => key !== 'wait')
        .map(([key, value]) => `${encoded(key)}=${encoded(name(value))}`)
        .join('&');
      const target = `/api/v1/${place}?${query}`;
      const answer = await head(`${server.url}${target}`);
      expectCleanAnswer(answer, target);
      if (answer.status === 200 && address.endsWith('/search')) expectWholeSearch(answer, target);
      if (answer.status === 200 && address.endsWith('/volume')) expectOrderedBins(answer, target);
      if (place !== 'logs/stream/sse') return;
      const { code, texts } = await openWebSocket(`${server.url.replace('http', 'ws')}/api/v1/logs/stream/ws?${query}`);
      expect(texts.join('')).not.toMatch(INSIDES);
      // Both ways to open a stream agree on what is wrong.
      const expected = answer.status === 400 ? 4500 : answer.status === 404 ? 4504 : answer.status === 204 ? 1000 : 0;
      expect(code === 4510 ? 0 : code, target).toBe(expected);
    }),
    cases(200),
  );
  await bystanders.expectUndisturbed();
});

test('the addresses that are tried are all that there are', () => {
  const root = path.join('app', 'api', 'v1');
  const routes = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => path.basename(file) === 'route.ts')
    .filter((file) => /^export (async )?function GET\b/m.test(readFileSync(path.join(root, file), 'utf8')))
    .map((file) => path.dirname(file).replace('[id]', 'ID').split(path.sep).join('/'));
  expect(routes.sort()).toEqual([...ADDRESSES].sort());
});

/** A search that was taken says at its end what it has found. */
function expectWholeSearch({ text }: Answer, target: string): void {
  const lines = text.trimEnd().split('\n');
  const parsed: Array<{ id?: number; total?: number; complete?: boolean }> = lines.map((line) => JSON.parse(line));
  const end = parsed.at(-1);
  expect(typeof end?.complete, target).toBe('boolean');
  expect(end?.total, target).toBe(parsed.filter(({ id }) => id !== undefined).length);
}

function expectOrderedBins(answer: Answer, target: string): void {
  const times = answer.column('bins', 'at').map(String);
  expect([...times].sort(), target).toEqual(times);
}

/** An answer, of an event stream only its head. */
function head(url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false }, (response) => {
      const pieces: Buffer[] = [];
      const done = () => resolve(new Answer(response.statusCode ?? 0, response.headers, Buffer.concat(pieces)));
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.once('end', done);
      if (!response.headers['content-type']?.startsWith('text/event-stream')) return;
      done();
      request.destroy();
    });
    request.once('error', reject);
  });
}

/** The code that a stream is closed with, or 0 where it opens and says something; `stratal.v1` says `connected` first. */
function openWebSocket(url: string): Promise<{ code: number; texts: string[] }> {
  const texts: string[] = [];
  const socket = new WebSocket(url, ['stratal.v1']);
  return new Promise((resolve) => {
    socket.on('error', () => {});
    socket.on('message', (data) => {
      texts.push(String(data));
      socket.terminate();
      resolve({ code: 0, texts });
    });
    socket.on('close', (code, reason) => resolve({ code, texts: [...texts, String(reason)] }));
  });
}

const KEYS = [
  'id',
  'job_name',
  'status',
  'started_at',
  'triggered_by',
  'metadata',
  'heartbeat_seconds',
  'exit_code',
  'signal',
];
const MORE = ['finished_at', 'pinned', 'job_run_id', 'task_name', 'attempt', '__proto__', 'other'];
const value = fc.oneof(
  fc.constantFrom<unknown>(
    'RUN',
    'TASK',
    'running',
    'completed',
    'lost',
    '2024-01-15T10:30:45Z',
    '',
    ' ',
    '\u0000',
    '\ud800',
    'x'.repeat(300),
  ),
  fc.constantFrom<unknown>(0, 1, -1, 1.5, 1e15, 1e300, true, null, {}, [], { a: { b: ['\u0000'] } }),
  fc.jsonValue({ maxDepth: 3 }),
);
const object = fc
  .dictionary(fc.constantFrom(...KEYS, ...MORE), value, { maxKeys: 6 })
  .map((given) => JSON.stringify(given));
const json = fc.oneof(
  { weight: 6, arbitrary: object },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      `{"id":"deep","job_name":"x","metadata":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`,
      `{"job_name":"x","metadata":{"a":[${'1,'.repeat(100_000)}1]}}`,
      `[${'['.repeat(50_000)}`,
      `{"job_name":"${'x'.repeat(1024 * 1024)}"}`,
    ),
  },
);
const change = fc.constantFrom(
  ['POST', 'job-runs'],
  ['POST', 'task-runs'],
  ['PATCH', 'job-runs/RUN'],
  ['PATCH', 'task-runs/TASK'],
  ['PATCH', 'job-runs/nobody'],
  ['POST', 'job-runs/RUN/heartbeat'],
);

test('bodies of runs and tasks of any kind are taken or refused, and what is taken can be read', async ({
  server,
  api,
}) => {
  const bystanders = await Bystanders.start(server);
  await fc.assert(
    fc.asyncProperty(change, json, async ([method = '', address = ''], text) => {
      const [run, task] = [freshId('made'), freshId('made-task')];
      await api.lines(run, [{ message: 'x', task_run_id: task, task_name: 'build' }]);
      const name = (text: string) => text.replaceAll('RUN', run).replaceAll('TASK', task);
      const headers = { 'content-type': 'application/json' };
      const answer = await api.call(method, name(address), { headers, body: name(text) });
      expectCleanAnswer(answer, `${method} ${address} ${text.slice(0, 300)}`);
      if (answer.status >= 300 || answer.status === 204) return;
      const made = `${address.startsWith('task') ? 'task-runs' : 'job-runs'}/${encoded(String(answer.json('id')))}`;
      expect((await api.get(made)).json()).toEqual(answer.json());
    }),
    cases(70),
  );
  expect((await api.get('job-runs?limit=200')).status).toBe(200);
  await bystanders.expectUndisturbed();
});
