import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogStreamingService } from '@/lib/client/log-streamer';
import { lineAtTime } from './line-at-time';

test('the first line from a time on is asked for under the filter, and may not exist', async () => {
  const asked: string[] = [];
  const answer = (logs: unknown[]) => async (url: string | URL | Request) => {
    asked.push(String(url));
    const pagination = { total: 1, limit: 1, offset: 0, count: logs.length, next: 'x', ended: true };
    return Response.json({ logs, pagination });
  };
  const line = {
    id: 42,
    job_run_id: 'r',
    timestamp: '2026-01-01T00:00:00.000Z',
    level: 'info',
    stream: 'stdout',
    message: '',
  };
  const found = new LogStreamingService('http://localhost:1', { fetch: answer([line]) });
  assert.equal(await lineAtTime(found, 'r', '2026-01-01T00:00:00.000Z', undefined, { level: 'error' }), 42);
  const url = new URL(asked[0] ?? '');
  assert.equal(url.pathname, '/api/v1/logs/job-runs/r');
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    level: 'error',
    at: '2026-01-01T00:00:00.000Z',
    limit: '1',
  });

  const none = new LogStreamingService('http://localhost:1', { fetch: answer([]) });
  assert.equal(await lineAtTime(none, 'r', '2027-01-01T00:00:00.000Z'), undefined);
});

test('a page that found nothing yet is gone on behind, to a line or the newest one', async () => {
  const asked: Array<string | null> = [];
  const pages = [
    { logs: [], next: 'a' },
    { logs: [], next: 'b' },
    { logs: [], next: 'b' },
  ];
  const fetch = async (url: string | URL | Request) => {
    asked.push(new URL(String(url)).searchParams.get('after'));
    const { logs = [], next = '' } = pages[asked.length - 1] ?? {};
    const pagination = { total: null, limit: 1, offset: null, count: 0, next, ended: false };
    return Response.json({ logs, pagination });
  };
  const service = new LogStreamingService('http://localhost:1', { fetch });
  assert.equal(await lineAtTime(service, 'r', '2026-01-01T00:00:00.000Z', undefined, { q: 'rare' }), undefined);
  assert.deepEqual(asked, [null, 'a', 'b']);
});
