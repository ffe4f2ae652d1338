import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryQuery } from '@/lib/client/log-streamer';
import type { History } from '@/lib/protocol/api';
import { formatRunCursor } from '@/lib/protocol/cursor';
import { PAGE_LINES_SURE } from '@/lib/protocol/limits';
import { pageAround, pageBefore } from './match-pages';

/** Pages of a run, no longer than there is room for. */
function pagesOf(room: number) {
  const asked: Array<[after: number, limit: number]> = [];
  const fetch = async ({ after, limit = 100 }: HistoryQuery): Promise<History> => {
    const from = Number(after);
    asked.push([from, limit]);
    const logs = Array.from({ length: Math.min(limit, room) }, (_, index) => ({
      id: from + 1 + index,
      job_run_id: 'run',
      timestamp: '2026-01-31T10:30:00.000Z',
      level: 'info' as const,
      stream: 'stdout' as const,
      message: '',
    }));
    const next = formatRunCursor('e', 1, from + logs.length);
    return { logs, pagination: { total: 9999, limit, offset: from, count: logs.length, next, ended: false } };
  };
  return { fetch, asked };
}

test('older lines end where they were asked to, however few a page has room for', async () => {
  for (const [room, first] of [
    [1000, 501],
    [200, 876],
    [PAGE_LINES_SURE, 981],
  ] as const) {
    const { logs, after } = await pageBefore(1000, 1, 500, pagesOf(room).fetch);
    assert.deepEqual([after, logs[0]?.id, logs.at(-1)?.id], [first - 1, first, 1000]);
  }
  const { logs, after } = await pageBefore(10, 4, 500, pagesOf(1000).fetch);
  assert.deepEqual([after, logs.length], [3, 7]);
});

test('a page around a line holds it, however few lines there is room for', async () => {
  for (const room of [1000, 101, 100, PAGE_LINES_SURE]) {
    const { fetch, asked } = pagesOf(room);
    const { page, after } = await pageAround(500, 100, 1, 240, fetch);
    assert.ok(page.logs.some(({ id }) => id === 500));
    assert.equal(page.logs[0]?.id, after + 1);
    assert.equal(asked.length, room > 100 ? 1 : 2);
  }
});
