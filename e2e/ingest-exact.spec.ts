import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { expect } from '@playwright/test';
import { type Answer, type ApiClient, freshId, type Line, toNdjson } from './api-client';
import { expectProblem, test } from './api-test';

/** Exactness: sources and positions, and what of a body is stored when something is wrong with it. */

const at = (source: string, position: number): Record<string, string> => ({
  'stratal-source': source,
  'stratal-position': String(position),
});

const accepted = (answer: Answer) => [
  answer.status,
  answer.json('accepted'),
  answer.json('skipped'),
  answer.json('next'),
];

test('a batch that is sent again, or cut anew, adds nothing twice', async ({ api }) => {
  const [run, source] = [freshId(), randomUUID()];
  expect(accepted(await api.lines(run, ['0', '1', '2'], at(source, 0)))).toEqual([200, 3, 0, 3]);
  expect(accepted(await api.lines(run, ['0', '1', '2'], at(source, 0)))).toEqual([200, 0, 3, 3]);
  expect(accepted(await api.lines(run, ['1', '2', '3', '4'], at(source.toUpperCase(), 1)))).toEqual([200, 2, 2, 5]);
  expect(accepted(await api.lines(run, ['2'], at(source, 2)))).toEqual([200, 0, 1, 5]);
  expect(accepted(await api.lines(run, [], at(source, 5)))).toEqual([200, 0, 0, 5]);
  expect(accepted(await api.lines(run, [], at(source, 2)))).toEqual([200, 0, 0, 5]);
  expect(await api.messages(run)).toEqual(['0', '1', '2', '3', '4']);
});

test('a position above the next one is 409 with the next one, and stores nothing', async ({ api }) => {
  const [run, source] = [freshId(), randomUUID()];
  expectProblem(await api.lines(run, ['x'], at(source, 1)), 409, 'STRATAL_INGEST_POSITION', { next: 0, accepted: 0 });
  expectProblem(await api.lines(run, [], at(source, 1)), 409, 'STRATAL_INGEST_POSITION', { next: 0, accepted: 0 });
  expect((await api.lines(run, ['0', '1'], at(source, 0))).status).toBe(200);
  expectProblem(await api.lines(run, ['3'], at(source, 3)), 409, 'STRATAL_INGEST_POSITION', { next: 2, accepted: 0 });
  expect(accepted(await api.lines(run, ['2'], at(source, 2)))).toEqual([200, 1, 0, 3]);
  expect(await api.messages(run)).toEqual(['0', '1', '2']);
});

test('source and position go together and are what they should be', async ({ api }) => {
  const [run, source] = [freshId(), randomUUID()];
  const refused = async (headers: Record<string, string>, field: string) =>
    expectProblem(await api.lines(run, ['x'], headers), 400, 'STRATAL_INGEST_SOURCE', {
      field,
      accepted: 0,
      next: null,
    });
  await refused({ 'stratal-source': source }, 'Stratal-Position');
  await refused({ 'stratal-position': '0' }, 'Stratal-Source');
  await refused({ 'stratal-source': 'me', 'stratal-position': '0' }, 'Stratal-Source');
  for (const position of ['-1', '1.5', 'x', '1e3', '']) {
    await refused({ 'stratal-source': source, 'stratal-position': position }, 'Stratal-Position');
  }
  expectProblem(await api.get(`job-runs/${run}`), 404, 'STRATAL_NO_RUN');
});

test('one source counts its lines over all its runs, blank ones not and split ones once', async ({ api }) => {
  const [a, b, source] = [freshId('a'), freshId('b'), randomUUID()];
  const body = `${toNdjson([{ message: 'x'.repeat(300_000), job_run_id: a }])}\n\n${toNdjson([{ message: '1', job_run_id: b }])}`;
  const send = () =>
    api.call('POST', 'logs', { headers: { 'content-type': 'application/x-ndjson', ...at(source, 0) }, body });
  expect(accepted(await send())).toEqual([200, 2, 0, 2]);
  expect(accepted(await send())).toEqual([200, 0, 2, 2]);
  expect((await api.get(`job-runs/${a}`)).json('line_count')).toBe(3);
});

test('a body is stored up to its first bad line, whatever is wrong and however long it is', async ({ api }) => {
  const bad: Array<[Line | undefined, string]> = [
    [{ message: 7 }, 'message'],
    [{ message: 'x', level: 'loud' }, 'level'],
    [{ message: 'x', job_run_id: 'other' }, 'job_run_id'],
  ];
  for (const good of [0, 3, 30_000]) {
    for (const [line, field] of bad) {
      const [run, source] = [freshId(), randomUUID()];
      const before = Array.from({ length: good }, (_, index) => `line ${index}`);
      const answer = await api.lines(run, [...before, line ?? '', 'after'], at(source, 0));
      expectProblem(answer, 400, 'STRATAL_INGEST_LINE', { line: good + 1, field, accepted: good, next: good });
      // The good rest, from where the answer says.
      expect(accepted(await api.lines(run, ['mended', 'after'], at(source, good)))).toEqual([200, 2, 0, good + 2]);
      const page = await api.get(`logs/job-runs/${run}?tail=3`);
      expect([page.json('pagination.total'), page.column('logs', 'message').slice(-2)]).toEqual([
        good + 2,
        ['mended', 'after'],
      ]);
    }
  }
});

test('a repeat with a bad line skips what was stored and tells the line as sent', async ({ api }) => {
  const [run, source] = [freshId(), randomUUID()];
  await api.lines(run, ['0', '1'], at(source, 0));
  const answer = await api.lines(run, ['1', '2', { message: null }], at(source, 1));
  expectProblem(answer, 400, 'STRATAL_INGEST_LINE', { line: 3, field: 'message', accepted: 1, next: 3 });
  expect(await api.messages(run)).toEqual(['0', '1', '2']);
});

test('an array is stored up to where its syntax breaks', async ({ api }) => {
  for (const [body, code, line, stored] of [
    ['[{"message":"0"},{"message":"1"},', 'STRATAL_INGEST_CUT', 3, ['0', '1']],
    ['[{"message":"0"},{"message":"1"', 'STRATAL_INGEST_CUT', 2, ['0']],
    ['[{"message":"0"} {"message":"1"}]', 'STRATAL_BAD_BODY', 2, ['0']],
    ['[{"message":"0"}] x', 'STRATAL_BAD_BODY', 2, ['0']],
    ['{"message":"0"}\n{"message":"1', 'STRATAL_INGEST_CUT', 2, ['0']],
  ] as const) {
    const run = freshId();
    const answer = await api.call('POST', `job-runs/${run}/logs`, {
      headers: { 'content-type': 'application/json' },
      body,
    });
    expectProblem(answer, 400, code, { line, accepted: stored.length, next: null });
    expect(await api.messages(run), body).toEqual(stored);
  }
});

/** Sends a body piece by piece and cuts the connection where it should go on. */
async function cutAfter(api: ApiClient, run: string, source: string, text: string, stored: number): Promise<void> {
  const headers = { 'content-type': 'application/x-ndjson', 'content-length': '100000', ...at(source, 0) };
  const { request } = api.open('POST', `job-runs/${run}/logs`, headers);
  request.write(text);
  // What has arrived whole is stored while the body goes on.
  if (stored > 0) await expect.poll(async () => (await api.get(`job-runs/${run}`)).json('line_count')).toBe(stored);
  request.destroy();
}

test('of a body whose connection is cut, whole lines are stored, and the producer goes on from there', async ({
  api,
}) => {
  const [run, source] = [freshId(), randomUUID()];
  await cutAfter(api, run, source, `${toNdjson(['0', '1', '2'])}{"message":"3","attributes":{`, 3);
  expect(accepted(await api.lines(run, ['0', '1', '2', '3'], at(source, 0)))).toEqual([200, 1, 3, 4]);
  expect(await api.messages(run)).toEqual(['0', '1', '2', '3']);
});

test('lines of a body that goes on are there before its end', async ({ api }) => {
  const run = freshId();
  const { request, answer } = api.open('POST', `job-runs/${run}/logs`, { 'content-type': 'application/x-ndjson' });
  for (let line = 1; line <= 3; line++) {
    request.write(toNdjson([`line ${line}`]));
    await expect.poll(async () => (await api.get(`job-runs/${run}`)).json('line_count')).toBe(line);
  }
  request.end();
  expect((await answer).json()).toEqual({ accepted: 3, skipped: 0, next: null, job_run_ids: [run] });
});

test('who sends all before reading the answer is answered, however early it was refused', async ({ server }) => {
  const rest = Buffer.from(toNdjson(Array<string>(10_000).fill('x'.repeat(1000))));
  for (const [request, type, status] of [
    ['POST /api/v1/job-runs/early/logs', 'application/x-ndjson', 400],
    ['POST /api/v1/job-runs/early/logs', 'text/plain', 415],
    ['POST /api/v1/job-runs', 'application/json', 413],
    ['PATCH /api/v1/job-runs/early', 'application/json', 404],
    ['PUT /api/v1/job-runs/early', 'application/json', 405],
    ['POST /api/v1/nothing', 'application/json', 404],
  ] as const) {
    const socket = net.connect(server.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => {
      answer += data;
    });
    socket.write(
      `${request} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${rest.length + 9}\r\n\r\nnot json\n`,
    );
    await new Promise<void>((resolve) => socket.write(rest, () => resolve()));
    // The connection is good for the next request.
    socket.write('GET /api/v1/logs/stream/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await once(socket, 'close');
    expect(answer.match(/HTTP\/1.1 \d+/g), request).toEqual([`HTTP/1.1 ${status}`, 'HTTP/1.1 200']);
  }
});

test('lines of many requests at once are each there once, and those of one request in its order', async ({ api }) => {
  const run = freshId();
  const sources = Array.from({ length: 16 }, () => randomUUID());
  await Promise.all(
    sources.map(async (source, producer) => {
      for (let batch = 0; batch < 5; batch++) {
        const lines = [0, 1, 2].map((line) => `${producer}:${batch * 3 + line}`);
        // Each batch twice, at the same time, as a producer does that gave up waiting.
        const both = await Promise.all([0, 1].map(() => api.lines(run, lines, at(source, batch * 3))));
        expect(both.map((answer) => Number(answer.json('accepted'))).sort()).toEqual([0, 3]);
      }
    }),
  );
  const messages = await api.messages(run);
  expect(messages).toHaveLength(16 * 15);
  for (const producer of sources.keys()) {
    const own = messages.filter((message) => String(message).startsWith(`${producer}:`));
    expect(own).toEqual(Array.from({ length: 15 }, (_, line) => `${producer}:${line}`));
  }
});

test('lines of a producer go on where its run is deleted under it', async ({ api }) => {
  const [run, source] = [freshId(), randomUUID()];
  await api.lines(run, ['0', '1'], at(source, 0));
  await api.delete(`job-runs/${run}`);
  expect(accepted(await api.lines(run, ['1', '2'], at(source, 1)))).toEqual([200, 1, 1, 3]);
  expect(await api.messages(run)).toEqual(['2']);
});
