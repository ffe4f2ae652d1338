import { once } from 'node:events';
import http from 'node:http';
import { gunzipSync } from 'node:zlib';
import { expect } from '@playwright/test';
import { type ApiClient, freshId } from './api-client';
import { expectProblem, test } from './api-test';
import { canMeasureMemory, peakBytes, resetPeak, residentBytes } from './process-memory';

/** Runs as files: formats, days, line ranges, compression, names, and what memory a large one takes. */

/** Seven lines over two days, two of them of the system, one of two rows, the last two one unended line. */
async function makeRun(api: ApiClient): Promise<string> {
  const run = freshId();
  await api.post('job-runs', { id: run, job_name: 'a' });
  await api.lines(run, [
    { message: 'one', timestamp: '2024-01-15T23:59:59.999Z' },
    { message: 'two rows\nof text', timestamp: '2024-01-16T00:00:00Z', level: 'warn' },
    { message: 'täglich', timestamp: '2024-01-16T12:00:00.000001Z', stream: 'stderr', attributes: { a: 1 } },
    { message: 'mine', timestamp: '2024-01-16T12:00:01Z', stream: 'system' },
    { message: 'no ', timestamp: '2024-01-16T23:59:59Z', continues: true },
    { message: 'end', timestamp: '2024-01-17T00:00:00Z', continues: true },
  ]);
  return run;
}

const SECOND_DAY = [
  '2024-01-16T00:00:00.000Z two rows\nof text',
  '2024-01-16T12:00:00.000001Z täglich',
  '2024-01-16T12:00:01.000Z mine',
  '2024-01-16T23:59:59.000Z no ',
];

const download = (api: ApiClient, run: string, query = '', headers: Record<string, string> = {}) =>
  api.get(`logs/job-runs/${run}/download?${query}`, headers);

test('text is the default: each line with its time, system lines too', async ({ api }) => {
  const run = await makeRun(api);
  const file = await download(api, run);
  expect(file.status).toBe(200);
  expect(file.headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(file.headers['content-disposition']).toBe(`attachment; filename="stratal-${run}.log"`);
  expect(file.headers['content-encoding']).toBeUndefined();
  expect(file.headers['x-content-type-options']).toBe('nosniff');
  const lines = [...SECOND_DAY, '2024-01-17T00:00:00.000Z end'];
  expect(file.text).toMatch(/^\S+Z Job run started\n2024-01-15T23:59:59.999Z one\n/);
  expect(file.text.split('one\n')[1]).toBe(`${lines.join('\n')}\n`);
});

test('raw is what the programs wrote, without system lines, and ends as they did', async ({ api }) => {
  const run = await makeRun(api);
  const file = await download(api, run, 'format=raw');
  expect(file.text).toBe('one\ntwo rows\nof text\ntäglich\nno end');
  expect(file.headers['content-disposition']).toBe(`attachment; filename="stratal-${run}.log"`);
});

test('ndjson is the lines as the history has them', async ({ api }) => {
  const run = await makeRun(api);
  const file = await download(api, run, 'format=ndjson');
  expect(file.headers['content-type']).toBe('application/x-ndjson');
  expect(file.headers['content-disposition']).toBe(`attachment; filename="stratal-${run}.ndjson"`);
  const lines = file.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toEqual((await api.get(`logs/job-runs/${run}`)).json('logs'));
});

test('date is one day in UTC', async ({ api }) => {
  const run = await makeRun(api);
  const day = await download(api, run, 'date=2024-01-16');
  expect(day.text).toBe(`${SECOND_DAY.join('\n')}\n`);
  expect(day.headers['content-disposition']).toBe(`attachment; filename="stratal-${run}-2024-01-16.log"`);
  expect((await download(api, run, 'date=2024-01-15&format=raw')).text).toBe('one\n');
  expectProblem(await download(api, run, 'date=2024-01-14'), 404, 'STRATAL_NO_LINES');
  for (const date of ['2024-02-30', '2024-1-5', 'today', '20240115']) {
    expectProblem(await download(api, run, `date=${date}`), 400, 'STRATAL_BAD_PARAMETER', { field: 'date' });
  }
});

test('lines is a range of line numbers, both ends included', async ({ api }) => {
  const run = await makeRun(api);
  expect((await download(api, run, 'lines=2-3&format=raw')).text).toBe('one\ntwo rows\nof text\n');
  expect((await download(api, run, 'lines=2&format=raw')).text).toBe('one\n');
  expect((await download(api, run, 'lines=6-900&format=raw')).text).toBe('no end');
  expectProblem(await download(api, run, 'lines=8-9'), 404, 'STRATAL_NO_LINES');
  for (const lines of ['0', '0-3', '3-2', 'a', '1-', '-3', '1,2']) {
    expectProblem(await download(api, run, `lines=${lines}`), 400, 'STRATAL_BAD_PARAMETER', { field: 'lines' });
  }
});

test('filters hold in a file as in a page', async ({ api }) => {
  const run = await makeRun(api);
  expect((await download(api, run, 'format=raw&level=warn')).text).toBe('two rows\nof text\n');
  expect((await download(api, run, 'format=raw&stream=stderr&q=T%C3%84G')).text).toBe('täglich\n');
  expect((await download(api, run, 'format=raw&date=2024-01-16&to=2024-01-16T12:00:00Z')).text).toBe(
    'two rows\nof text\n',
  );
  expect((await download(api, run, 'q=nothing')).text).toBe('');
  expectProblem(await download(api, run, `task_run_id=${freshId()}`), 404, 'STRATAL_NO_TASK');
  expectProblem(await download(api, run, 'level=x'), 400, 'STRATAL_BAD_FILTER', { field: 'level' });
  expectProblem(await download(api, run, 'format=pdf'), 400, 'STRATAL_BAD_PARAMETER', { field: 'format' });
  expectProblem(await download(api, run, 'compress=zip'), 400, 'STRATAL_BAD_PARAMETER', { field: 'compress' });
  expectProblem(await download(api, freshId()), 404, 'STRATAL_NO_RUN');
});

test('what comes with matches comes in a file as in a page, and no line of another day or number', async ({ api }) => {
  const run = await makeRun(api);
  const around = (query: string) => download(api, run, `format=raw&${query}`);
  expect((await around('q=rows&context=1')).text).toBe('one\ntwo rows\nof text\ntäglich\n');
  expect((await around('level=warn&context=1&date=2024-01-16')).text).toBe('two rows\nof text\ntäglich\n');
  expect((await around('level=warn&context=1&lines=4-9')).text).toBe('täglich\n');
  const sent = await api.get(`logs/job-runs/${run}/download?format=raw&q=rows&context=1&inline=1&compress=gzip`);
  expect(gunzipSync(sent.bytes).toString()).toBe('one\ntwo rows\nof text\ntäglich\n');
  expect(sent.headers['content-disposition']).toBe(`inline; filename="stratal-${run}.log.gz"`);
  // Without a filter all lines are there anyway.
  expect((await around('context=50&traces=true')).text).toBe((await around('')).text);

  const traced = freshId();
  await api.lines(traced, ['Error: wrong', '    at run (app.js:1:2)', '    at main (app.js:3:4)', 'going on']);
  expect((await download(api, traced, 'format=raw&q=wrong&traces=true')).text).toBe(
    'Error: wrong\n    at run (app.js:1:2)\n    at main (app.js:3:4)\n',
  );
  expect((await download(api, traced, 'format=raw&q=wrong&traces=0')).text).toBe('Error: wrong\n');
  for (const [field, values] of Object.entries({ context: ['51', '-1', '1.5', 'a'], traces: ['2', 'yes'] })) {
    for (const value of values) {
      const refused = { field };
      expectProblem(await download(api, run, `q=a&${field}=${value}`), 400, 'STRATAL_BAD_PARAMETER', refused);
      expectProblem(await api.get(`logs/job-runs/${run}?q=a&${field}=${value}`), 400, 'STRATAL_BAD_PARAMETER', refused);
    }
  }
});

test('gzip is a file of its own, or only a way of sending', async ({ api }) => {
  const run = await makeRun(api);
  const plain = await download(api, run, 'format=raw&date=2024-01-16');
  const file = await download(api, run, 'format=raw&date=2024-01-16&compress=gzip', { 'accept-encoding': 'gzip' });
  expect(file.headers['content-type']).toBe('application/gzip');
  expect(file.headers['content-encoding']).toBeUndefined();
  expect(file.headers['content-disposition']).toBe(`attachment; filename="stratal-${run}-2024-01-16.log.gz"`);
  expect(gunzipSync(file.bytes)).toEqual(plain.bytes);
  const sent = await download(api, run, 'format=raw&date=2024-01-16', { 'accept-encoding': 'br, gzip;q=0.5' });
  expect([sent.headers['content-encoding'], sent.headers['content-type']]).toEqual([
    'gzip',
    'text/plain; charset=utf-8',
  ]);
  expect(sent.headers['content-disposition']).toBe(plain.headers['content-disposition']);
  expect(sent.headers.vary).toMatch(/accept-encoding/i);
  expect(gunzipSync(sent.bytes)).toEqual(plain.bytes);
  const refused = await download(api, run, 'format=raw&date=2024-01-16', { 'accept-encoding': 'gzip;q=0' });
  expect(refused.bytes).toEqual(plain.bytes);
  const ndjson = await download(api, run, 'format=ndjson&compress=gzip');
  expect(ndjson.headers['content-disposition']).toBe(`attachment; filename="stratal-${run}.ndjson.gz"`);
});

test('inline is for a look in the browser', async ({ api }) => {
  const run = await makeRun(api);
  const file = await download(api, run, 'inline=1');
  expect(file.headers['content-disposition']).toBe(`inline; filename="stratal-${run}.log"`);
  expect(file.headers['content-type']).toBe('text/plain; charset=utf-8');
});

test('a run without lines is an empty file', async ({ api }) => {
  const run = freshId();
  await api.post('job-runs', { id: run, job_name: 'a', status: 'pending' });
  for (const query of ['', 'format=raw', 'format=ndjson']) {
    const file = await download(api, run, query);
    expect([file.status, file.text]).toEqual([200, '']);
  }
});

test('HEAD has the headers of GET', async ({ api }) => {
  const run = await makeRun(api);
  const head = await api.call('HEAD', `logs/job-runs/${run}/download?date=2024-01-16`);
  expect([head.status, head.text, head.headers['content-disposition']]).toEqual([
    200,
    '',
    `attachment; filename="stratal-${run}-2024-01-16.log"`,
  ]);
});

test('thirty readers that take nothing cost the server no copies of their files', async ({ api, server }) => {
  test.skip(!canMeasureMemory, 'memory is read from /proc');
  const run = freshId();
  const lines = 400;
  for (let batch = 0; batch < 8; batch++) await api.lines(run, Array<string>(lines / 8).fill('x'.repeat(100_000)));
  const path = `${api.url}/api/v1/logs/job-runs/${run}/download?format=raw`;
  const before = residentBytes(server.pid);
  resetPeak(server.pid);
  const requests = Array.from({ length: 30 }, () => http.get(path, { agent: false }));
  await Promise.all(requests.map((request) => once(request, 'response')));
  // One that takes all, so that the server had the time to read ahead for the others: 1.2 GB, if it did.
  const whole = await api.get(`logs/job-runs/${run}/download?format=raw`);
  expect(whole.bytes.length).toBe(lines * 100_001);
  expect(peakBytes(server.pid) - before).toBeLessThan(500 * 1024 * 1024);
  for (const request of requests) request.destroy();
});
