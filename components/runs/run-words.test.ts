import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { type Run, STATUSES } from '@/lib/protocol/run';
import { previewText, previewTitle, tabIcon, tabTitle } from './run-words';

function runOf(fields: Partial<Run> = {}): Run {
  return {
    id: 'run',
    job_name: 'deploy',
    status: 'failed',
    started_at: '2026-01-31T10:30:45.000Z',
    finished_at: '2026-01-31T10:33:50.000Z',
    exit_code: 2,
    first_line: 1,
    line_count: 1204,
    byte_count: 100,
    level_counts: { info: 1202, error: 2, warn: 0, debug: 0 },
    masked_count: 0,
    replaced_count: 0,
    pinned: false,
    ...fields,
  };
}

test('a tab’s title begins with the status, and its icon is there', () => {
  assert.equal(tabTitle(runOf()), '✗ deploy – failed');
  assert.equal(tabTitle(runOf({ status: 'running' })), '● deploy – running');
  for (const status of STATUSES) assert.ok(existsSync(`public${tabIcon(status)}`), status);
});

test('a preview names how the run ended, where that is news', () => {
  assert.equal(previewTitle(runOf()), 'deploy · failed (exit code 2)');
  assert.equal(previewTitle(runOf({ signal: 'SIGKILL' })), 'deploy · failed (SIGKILL, killed, often out of memory)');
  assert.equal(previewTitle(runOf({ status: 'completed', exit_code: 0 })), 'deploy · completed');
});

test('a preview tells lines, errors, length and start as far as they are known', () => {
  assert.equal(previewText(runOf()), '1,204 lines · 2 errors · took 3m 05s · started 2026-01-31 10:30:45 UTC');
  const waiting = runOf({ status: 'pending', started_at: undefined, finished_at: undefined, line_count: 0 });
  assert.equal(previewText({ ...waiting, level_counts: { info: 0, error: 0, warn: 0, debug: 0 } }), '0 lines');
});
