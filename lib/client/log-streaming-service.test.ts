import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { parseRetryAfter } from './api-request';
import { ApiError, StreamError } from './client-errors';
import { LogStreamingService } from './log-streamer';
import { makeLine, RUN } from './testing/fixtures';

const HISTORY = {
  logs: [makeLine(1)],
  pagination: { total: 1, limit: 100, offset: 0, count: 1, next: 'e1-r17.1', ended: false },
};

describe('what is stored', () => {
  let requests: IncomingMessage[];
  let answer: (response: ServerResponse) => void;
  const server = createServer((request, response) => {
    requests.push(request);
    answer(response);
  });

  beforeEach(async () => {
    requests = [];
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });

  function service(path = ''): LogStreamingService {
    return new LogStreamingService(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
      token: 't0',
    });
  }

  function answerJson(body: unknown, status = 200, headers: Record<string, string> = {}): void {
    answer = (response) => response.writeHead(status, headers).end(JSON.stringify(body));
  }

  test('is asked for with filters and credentials, and without what is undefined', async () => {
    answerJson(HISTORY);
    const query = { after: 40, limit: 10, level: 'error,warn', q: 'a b', tail: undefined };
    assert.deepEqual(await service('/behind/a/proxy/').fetchHistory('run 1', query), HISTORY);
    assert.equal(
      requests[0]?.url,
      '/behind/a/proxy/api/v1/logs/job-runs/run%201?after=40&limit=10&level=error%2Cwarn&q=a+b',
    );
    assert.equal(requests[0]?.headers.authorization, 'Bearer t0');
  });

  test('has one address each', async () => {
    answerJson({}, 500);
    const reads = service();
    await Promise.allSettled([
      reads.fetchRun(RUN),
      reads.fetchRuns({ status: 'failed', q: 'nightly' }),
      reads.fetchTasks(RUN),
      reads.fetchTasks(RUN, { limit: 200, after: '7' }),
      reads.fetchTaskHistory('task-1', { tail: 5 }),
      reads.fetchFacets(RUN),
      reads.fetchGroups(RUN, 40),
      reads.getStreamingStatus(),
    ]);
    assert.deepEqual(requests.map(({ url }) => url).sort(), [
      '/api/v1/job-runs/run-1',
      '/api/v1/job-runs?status=failed&q=nightly',
      '/api/v1/logs/job-runs/run-1/facets',
      '/api/v1/logs/job-runs/run-1/groups?at=40',
      '/api/v1/logs/stream/status',
      '/api/v1/logs/task-runs/task-1?tail=5',
      '/api/v1/task-runs?job_run_id=run-1',
      '/api/v1/task-runs?job_run_id=run-1&limit=200&after=7',
    ]);
  });

  test('is not had where the server answers with a problem: the error carries it', async () => {
    const problem = {
      type: 'about:blank',
      title: 'A parameter is not valid',
      status: 400,
      detail: 'limit: must be at most 1000',
      code: 'STRATAL_BAD_PARAMETER',
      field: 'limit',
    };
    answerJson(problem, 400, { 'retry-after': '3' });
    await assert.rejects(service().fetchHistory(RUN), (error) => {
      assert.ok(error instanceof ApiError);
      assert.deepEqual(error.problem, problem);
      assert.equal(error.message, 'limit: must be at most 1000');
      assert.equal(error.retryAfterMs, 3000);
      assert.equal(error.temporary, false);
      return true;
    });
  });

  test('is not had from a proxy’s error page, and the error is still of the same kind', async () => {
    answer = (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
    await assert.rejects(service().fetchRun(RUN), (error) => {
      assert.ok(error instanceof ApiError);
      assert.equal(error.status, 502);
      assert.equal(error.temporary, true);
      return true;
    });
  });

  test('is not trusted: an answer of another shape is an error', async () => {
    answerJson({ logs: 'all of them' });
    await assert.rejects(service().fetchHistory(RUN), (error) => {
      assert.ok(error instanceof StreamError);
      assert.equal(error.kind, 'malformed');
      return true;
    });
  });

  test('is not waited for by a caller who has left', async () => {
    const left = new AbortController();
    answer = () => left.abort();
    await assert.rejects(service().fetchRun(RUN, { signal: left.signal }), { name: 'AbortError' });
  });
});

test('a server that is not there is named in the error', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.close();
  await once(server, 'close');
  await assert.rejects(new LogStreamingService(url).fetchRuns(), {
    name: 'StreamError',
    kind: 'connection',
    message: `The server at ${url} did not answer.`,
  });
});

test('outside browsers the server is on port 8080 of this machine, unless named', () => {
  assert.equal(new LogStreamingService().baseUrl, 'http://localhost:8080');
  assert.equal(new LogStreamingService('https://logs.example/stratal/').baseUrl, 'https://logs.example/stratal');
});

test('a download’s address holds what is to be in the file', () => {
  const service = new LogStreamingService('http://localhost:8080');
  assert.equal(
    service.downloadUrl('abc-123', { format: 'raw', date: '2024-01-15', inline: true, level: 'error' }),
    'http://localhost:8080/api/v1/logs/job-runs/abc-123/download?format=raw&date=2024-01-15&level=error&inline=1',
  );
  assert.equal(service.downloadUrl('abc-123'), 'http://localhost:8080/api/v1/logs/job-runs/abc-123/download');
});

test('Retry-After is seconds or a date', () => {
  const now = Date.UTC(2024, 0, 15, 10, 30, 0);
  assert.equal(parseRetryAfter('7', now), 7000);
  assert.equal(parseRetryAfter('Mon, 15 Jan 2024 10:30:05 GMT', now), 5000);
  assert.equal(parseRetryAfter('Mon, 15 Jan 2024 10:29:00 GMT', now), 0);
  assert.equal(parseRetryAfter('soon', now), undefined);
  assert.equal(parseRetryAfter(null, now), undefined);
});
