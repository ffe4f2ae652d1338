import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import { expect } from '@playwright/test';
import { freshId, toNdjson } from './api-client';
import { test } from './api-test';
import { canMeasureMemory, peakBytes, resetPeak, residentBytes } from './process-memory';

/** Bodies of any size: what they cost the server, and that they arrive whole. */

const MIB = 1024 * 1024;

/** A block of lines of 2 KB that differ, numbered on from block to block. */
function block(first: number, count: number): Buffer {
  return Buffer.from(
    toNdjson(Array.from({ length: count }, (_, index) => `${first + index} `.padEnd(2048, 'lorem ipsum '))),
  );
}

test('a body of 200 MB is streamed: stored whole, in memory for a part', async ({ api, server }) => {
  test.skip(!canMeasureMemory, 'memory is read from /proc');
  const run = freshId();
  const before = residentBytes(server.pid);
  resetPeak(server.pid);
  const { request, answer } = api.open('POST', `job-runs/${run}/logs`, { 'content-type': 'application/x-ndjson' });
  const lines = 100_000;
  for (let line = 0; line < lines; line += 1000) {
    if (!request.write(block(line, 1000))) await once(request, 'drain');
  }
  request.end();
  expect((await answer).json()).toEqual({ accepted: lines, skipped: 0, next: null, job_run_ids: [run] });
  // The tail (64 MiB) and the encoded lines of two pieces; a buffered body would be over 400 MB as text and as objects.
  expect(peakBytes(server.pid) - before).toBeLessThan(400 * MIB);
  const middle = await api.get(`logs/job-runs/${run}?offset=${lines / 2}&limit=1`);
  expect(middle.json('logs.0')).toMatchObject({
    id: lines / 2 + 1,
    message: `${lines / 2} `.padEnd(2048, 'lorem ipsum '),
  });
  expect((await api.get(`job-runs/${run}`)).json('byte_count')).toBe(lines * 2048);
});

test('a gzip body inflates piece by piece', async ({ api, server }) => {
  test.skip(!canMeasureMemory, 'memory is read from /proc');
  const run = freshId();
  const before = residentBytes(server.pid);
  resetPeak(server.pid);
  const { request, answer } = api.open('POST', `job-runs/${run}/logs`, { 'content-encoding': 'gzip' });
  // One line that a bad line follows after 300 MB of blanks, some hundred KB as gzip.
  const gzip = createGzip();
  gzip.pipe(request);
  gzip.write(block(0, 1));
  for (let mib = 0; mib < 300; mib++) {
    if (!gzip.write(Buffer.alloc(MIB, '\n'))) await once(gzip, 'drain');
  }
  gzip.end('bad');
  expect((await answer).json()).toMatchObject({ status: 400, code: 'STRATAL_INGEST_LINE', line: 2, accepted: 1 });
  expect(peakBytes(server.pid) - before).toBeLessThan(200 * MIB);
});

test('other requests are answered while a large body is taken', async ({ api }) => {
  const run = freshId();
  const { request, answer } = api.open('POST', `job-runs/${run}/logs`, { 'content-type': 'application/x-ndjson' });
  let worst = 0;
  for (let line = 0; line < 20_000; line += 1000) {
    request.write(block(line, 1000));
    const start = performance.now();
    expect((await api.get('logs/stream/status')).status).toBe(200);
    worst = Math.max(worst, performance.now() - start);
  }
  request.end();
  expect((await answer).json('accepted')).toBe(20_000);
  // Generous: a server that decoded the body in one go would not answer for seconds.
  expect(worst).toBeLessThan(2000);
});
