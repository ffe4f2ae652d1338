import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { serveIngest } from '@/lib/transport/rest/ingest-direct';
import { useTestRuntime } from './testing/test-runtime';
import { POST as postRunLogs } from './v1/job-runs/[id]/logs/route';
import { POST as postLogs } from './v1/logs/route';

interface Post {
  title: string;
  /** Undefined: the address without a run. */
  runId?: string;
  headers?: Record<string, string>;
  body: BodyInit;
}

const SOURCE = '018f3c5e-0000-7000-8000-00000000000';
const POSTS: Post[] = [
  { title: 'lines of a run', runId: 'posted', body: '{"message":"one"}\n{"message":"two"}\n' },
  { title: 'lines that name their run', body: '[{"message":"one","job_run_id":"posted"}]' },
  { title: 'gzip', runId: 'posted', headers: { 'content-encoding': 'gzip' }, body: gzipSync('{"message":"one"}') },
  {
    title: 'a source and its position',
    runId: 'posted',
    headers: { 'stratal-source': `${SOURCE}%`, 'stratal-position': '0' },
    body: '{"message":"one"}',
  },
  {
    title: 'a position that is too high',
    runId: 'posted',
    headers: { 'stratal-source': `${SOURCE}%`, 'stratal-position': '7' },
    body: '{"message":"one"}',
  },
  { title: 'a bad line', runId: 'posted', body: '{"message":"one"}\n{"message":2}\n{"message":"three"}\n' },
  { title: 'no run', body: '{"message":"one"}' },
  { title: 'no valid run', runId: '-posted', body: '{"message":"one"}' },
  { title: 'another media type', runId: 'posted', headers: { 'content-type': 'text/plain' }, body: 'one' },
  { title: 'a foreign page', runId: 'posted', headers: { origin: 'https://evil.example' }, body: '{}' },
  { title: 'nothing', runId: 'posted', body: '' },
];

describe('ingest by the route handlers and on Node’s response', () => {
  const runtime = useTestRuntime();
  let server: Server;
  let port = 0;
  before(async () => {
    server = createServer((request, response) => {
      const { ingest, authorize } = runtime();
      if (!serveIngest(request, response, { ingest, authorize, onError: () => {} })) response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address) port = address.port;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  /** The request; a source of its own for each way, as the second would repeat the first. */
  function requestOf({ runId, headers, body }: Post, way: string): Request {
    const path = runId === undefined ? '/api/v1/logs' : `/api/v1/job-runs/${runId}/logs`;
    const given = Object.entries({ 'content-type': 'application/json', ...headers });
    return new Request(`http://localhost:${port}${path}`, {
      method: 'POST',
      headers: Object.fromEntries(given.map(([name, value]) => [name, value.replace('%', way)])),
      body,
    });
  }

  function byHandler(post: Post): Promise<Response> {
    const request = requestOf(post, '1');
    request.headers.set('host', `localhost:${port}`);
    if (post.runId === undefined) return postLogs(request);
    return postRunLogs(request, { params: Promise.resolve({ id: post.runId }) });
  }

  for (const post of POSTS) {
    test(`${post.title}: the same answer both ways`, async () => {
      const [handler, direct] = [await byHandler(post), await fetch(requestOf(post, '2'))];
      assert.equal(direct.status, handler.status);
      assert.deepEqual(await direct.json(), await handler.json());
      for (const name of ['content-type', 'cache-control', 'retry-after']) {
        assert.equal(direct.headers.get(name), handler.headers.get(name), name);
      }
    });
  }

  test('other requests are left to those behind', async () => {
    for (const [method, path] of [
      ['GET', '/api/v1/logs'],
      ['POST', '/api/v1/logs/else'],
      ['POST', '/api/v1/job-runs/a/b/logs'],
    ] as const) {
      assert.equal((await fetch(`http://localhost:${port}${path}`, { method })).status, 404, path);
    }
  });
});
