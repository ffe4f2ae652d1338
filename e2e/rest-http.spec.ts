import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from '@playwright/test';
import { freshId } from './api-client';
import { expectProblem, test } from './api-test';

/** HTTP beside the contents: methods, unknown and broken addresses, offered protocols. */

/** Every address of the API with the methods that it takes. */
const ADDRESSES: ReadonlyArray<[path: string, methods: string[]]> = [
  ['job-runs', ['GET', 'POST']],
  ['job-runs/x', ['GET', 'PATCH', 'DELETE']],
  ['job-runs/x/heartbeat', ['POST']],
  ['job-runs/x/logs', ['POST']],
  ['task-runs', ['GET', 'POST']],
  ['task-runs/x', ['GET', 'PATCH']],
  ['logs', ['POST']],
  ['logs/job-runs/x', ['GET']],
  ['logs/job-runs/x/download', ['GET']],
  ['logs/job-runs/x/facets', ['GET']],
  ['logs/job-runs/x/groups', ['GET']],
  ['logs/task-runs/x', ['GET']],
  ['logs/stream/sse', ['GET']],
  ['logs/stream/status', ['GET']],
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND'];

test('a method that an address does not take is 405, with those that it does', async ({ api }) => {
  for (const [path, methods] of ADDRESSES) {
    const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort();
    for (const method of METHODS) {
      if (allowed.includes(method)) continue;
      const answer = await api.call(method, path);
      if (method === 'HEAD') expect([answer.status, answer.text]).toEqual([405, '']);
      else expectProblem(answer, 405, 'STRATAL_METHOD_NOT_ALLOWED');
      expect(String(answer.headers.allow).split(', ').sort(), `${method} ${path}`).toEqual(allowed);
    }
    const options = await api.call('OPTIONS', path);
    expect([options.status, String(options.headers.allow).split(', ').sort()]).toEqual([204, allowed]);
  }
});

test('HEAD answers as GET does, without the body', async ({ api }) => {
  const run = freshId();
  await api.lines(run, ['x']);
  for (const path of [
    'job-runs',
    `job-runs/${run}`,
    `logs/job-runs/${run}`,
    `logs/job-runs/${run}/facets`,
    `logs/job-runs/${run}/groups?at=1`,
    'logs/stream/status',
    'logs/stream/sse',
  ]) {
    const head = await api.call('HEAD', path);
    expect([head.status, head.text], path).toEqual([200, '']);
  }
  expect((await api.call('HEAD', `job-runs/${freshId()}`)).status).toBe(404);
});

test('an address that is none is 404, one that cannot be read 400, and both say so', async ({ api }) => {
  for (const path of ['nothing', 'logs/nothing', 'job-runs/a/b', '/api/v1', '/api/v2/job-runs', '/api/nothing']) {
    for (const method of ['GET', 'POST', 'DELETE']) {
      expectProblem(await api.call(method, path), 404, 'STRATAL_NO_ROUTE');
    }
  }
  for (const path of ['job-runs/%', 'logs/job-runs/%ZZ', 'logs/job-runs/%FF/download', '/%E0%A4%A']) {
    expectProblem(await api.get(path), 400, 'STRATAL_BAD_PARAMETER');
  }
});

test('WebSocket addresses tell plain HTTP what they are', async ({ api }) => {
  for (const path of ['logs/stream/ws', '/socket.io/?EIO=4&transport=polling']) {
    const answer = await api.get(path);
    expectProblem(answer, 426, 'STRATAL_UPGRADE_REQUIRED');
    expect(answer.headers.upgrade).toBe('websocket');
  }
});

test('a client that offers HTTP/2 as it asks is answered over HTTP/1.1', async ({ api, server }) => {
  const run = freshId();
  const body = JSON.stringify({ message: 'x'.repeat(300_000) });
  const socket = net.connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    `POST /api/v1/job-runs/${run}/logs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: Upgrade, HTTP2-Settings, close\r\n` +
      `Upgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  socket.write(body);
  let answer = '';
  for await (const piece of socket) answer += piece;
  expect(answer).toMatch(/^HTTP\/1.1 200 OK/);
  expect((await api.get(`job-runs/${run}`)).json('byte_count')).toBe(300_000);
});

test('the commands in docs/api.md do what it says', async ({ api }) => {
  const doc = readFileSync(path.resolve(import.meta.dirname, '../docs/api.md'), 'utf8');
  const scripts = [...doc.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, script = '']) => script);
  expect(scripts.length).toBeGreaterThan(0);
  const outputs = [];
  for (const script of scripts) {
    const here = script
      .replaceAll('http://localhost:8080', api.url)
      .replaceAll(/\bcurl /g, 'curl --silent --show-error --fail-with-body ');
    outputs.push((await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', here])).stdout);
  }
  const [example, piped, twice] = outputs;
  expect(example).toMatch(
    /"accepted":2.*"status":"failed".*"total":2.*"ended":true.*checking out\nno such branch\n.*event: run-end/s,
  );
  expect(piped).toMatch(/"accepted":2/);
  expect(twice).toMatch(/"accepted":1,"skipped":0,"next":1.*"accepted":0,"skipped":1,"next":1/);
});
