import http from 'node:http';
import { expect } from '@playwright/test';
import fc from 'fast-check';
import WebSocket from 'ws';
import { Answer, freshId } from './api-client';
import { test } from './api-test';
import { Bystanders } from './bystanders';
import { expectCleanAnswer, INSIDES } from './raw-exchange';
import { cases } from './seed';

/** Parameters, cursors, filters, ids and bodies of any kind, on every address that reads or changes something. */

const NAMES = [
  ...['limit', 'offset', 'after', 'tail', 'at', 'wait', 'status', 'q', 'from', 'to', 'level', 'stream', 'case'],
  ...['task_run_id', 'task_name', 'attempt', 'format', 'date', 'lines', 'compress', 'inline', 'job_run_id', 'partial'],
  ...['buckets', '__proto__', 'constructor', 'level[]', ''],
];
const number = fc.constantFrom(
  '0',
  '1',
  '-1',
  '1001',
  '25',
  '1e3',
  '0x10',
  '1.5',
  'NaN',
  'Infinity',
  '999999999999999',
  '9'.repeat(40),
  ' 1',
  '1\n',
);
const time = fc.constantFrom(
  '2024-01-15',
  '2024-02-30T00:00:00Z',
  '2024-01-15T10:30:45+99:99',
  '1705314645123',
  '1e15',
  '99999999999999999999',
  'now',
);
const cursor = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('EPOCH', 'abc', '', 'ABC', '\u0000'),
      fc.constantFrom('r', 'g', 'x'),
      number,
      number,
      fc.option(number),
    )
    .map(([epoch, kind, key, line, ends]) => `${epoch}-${kind}${key}.${line}${ends === null ? '' : `.${ends}`}`),
  fc.constantFrom('0', '3', '4', '99', '-1', 'nonsense', '../..', 'null'),
);
const filter = fc
  .array(
    fc.constantFrom(
      '"',
      '\\',
      '/',
      '-',
      ':',
      'a',
      '(',
      ')',
      '[',
      ']',
      '{999}',
      '*',
      '+',
      ' ',
      'name:',
      '=',
      '\ud800',
      '\u0000',
      '.',
    ),
    { maxLength: 16 },
  )
  .map((parts) => parts.join(''));
const word = fc.oneof(
  fc.constantFrom(
    'error',
    'loud',
    'stdout',
    'raw',
    'gzip',
    'ndjson',
    '1-2',
    '2-1',
    '9-',
    'running',
    'a,b',
    ',',
    '%',
    '1',
    'TASK',
    'RUN',
    'x'.repeat(2000),
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const parameters = fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.oneof(number, time, cursor, filter, word)), {
  maxLength: 4,
});
const someId = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('RUN', 'RUN', 'TASK') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }) },
);
const address = fc.constantFrom(
  'job-runs',
  'job-runs/ID',
  'task-runs',
  'task-runs/ID',
  'logs/job-runs/ID',
  'logs/job-runs/ID/download',
  'logs/job-runs/ID/facets',
  'logs/job-runs/ID/groups',
  'logs/task-runs/ID',
  'logs/stream/status',
  'logs/stream/sse',
  'logs/stream/sse',
);

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
      const path = address.replace('ID', encoded(name(id)));
      const query = parameters
        // A poll that waits for its seconds would be all that this does.
        .filter(([key]) => key !== 'wait')
        .map(([key, value]) => `${encoded(key)}=${encoded(name(value))}`)
        .join('&');
      const target = `/api/v1/${path}?${query}`;
      const answer = await head(`${server.url}${target}`);
      expectCleanAnswer(answer, target);
      if (path !== 'logs/stream/sse') return;
      const { code, texts } = await openWebSocket(`${server.url.replace('http', 'ws')}/api/v1/logs/stream/ws?${query}`);
      expect(texts.join('')).not.toMatch(INSIDES);
      // Both ways to open a stream agree on what is wrong.
      const expected = answer.status === 400 ? 4500 : answer.status === 404 ? 4504 : answer.status === 204 ? 1000 : 0;
      expect(code === 4510 ? 0 : code, target).toBe(expected);
    }),
    cases(150),
  );
  await bystanders.expectUndisturbed();
});

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
    fc.asyncProperty(change, json, async ([method = '', path = ''], text) => {
      const [run, task] = [freshId('made'), freshId('made-task')];
      await api.lines(run, [{ message: 'x', task_run_id: task, task_name: 'build' }]);
      const name = (text: string) => text.replaceAll('RUN', run).replaceAll('TASK', task);
      const headers = { 'content-type': 'application/json' };
      const answer = await api.call(method, name(path), { headers, body: name(text) });
      expectCleanAnswer(answer, `${method} ${path} ${text.slice(0, 300)}`);
      if (answer.status >= 300 || answer.status === 204) return;
      const made = `${path.startsWith('task') ? 'task-runs' : 'job-runs'}/${encoded(String(answer.json('id')))}`;
      expect((await api.get(made)).json()).toEqual(answer.json());
    }),
    cases(70),
  );
  expect((await api.get('job-runs?limit=200')).status).toBe(200);
  await bystanders.expectUndisturbed();
});
