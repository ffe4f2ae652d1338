import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LinesAround } from '@/lib/protocol/lines-around';
import type { Run, TaskRun } from '@/lib/protocol/run';
import { downloadScopes, taskScope } from './download-scope';

const COUNTS = { info: 0, error: 0, warn: 0, debug: 0 };
const RUN: Run = {
  id: 'run',
  job_name: 'job',
  status: 'completed',
  first_line: 1,
  line_count: 2000,
  byte_count: 1_500_000,
  level_counts: COUNTS,
  masked_count: 0,
  replaced_count: 0,
  pinned: false,
};

test('a run without filter and selection can be saved whole', () => {
  assert.deepEqual(downloadScopes(RUN, { filter: {}, around: undefined, matching: undefined, selection: undefined }), [
    { key: 'run', label: 'Whole run', size: '1.5 MB', parameters: {} },
  ]);
});

test('a filter is passed on as it is, with as much of its size as is known', () => {
  const filter = { level: 'error', q: '"a b"' };
  const sizeOf = (matching: number | null | undefined) => {
    const scope = downloadScopes(RUN, { filter, around: undefined, matching, selection: undefined })[1];
    assert.deepEqual(scope?.parameters, filter);
    return scope?.size;
  };
  assert.deepEqual([undefined, null, 1204, 1].map(sizeOf), ['…', 'of the filter', '1,204 lines', '1 line']);
});

test('what comes with matches is in the name and the file, and the size is of the matches', () => {
  const filter = { level: 'error' };
  const scopeOf = (around: LinesAround, matching: number | null) =>
    downloadScopes(RUN, { filter, around, matching, selection: undefined })[1];
  assert.deepEqual(scopeOf({ kind: 'traces' }, 12), {
    key: 'filter',
    label: 'Matching lines with traces',
    size: '12 matches',
    parameters: { level: 'error', traces: 'true' },
  });
  assert.deepEqual(scopeOf({ kind: 'context', lines: 3 }, null), {
    key: 'filter',
    label: 'Matching lines ± 3',
    size: 'of the filter',
    parameters: { level: 'error', context: '3' },
  });
  // Nothing comes with none.
  assert.equal(scopeOf({ kind: 'traces' }, 0)?.size, '0 lines');
});

test('chosen lines and tasks name themselves', () => {
  const linesOf = (first: number, last: number) =>
    downloadScopes(RUN, { filter: {}, around: undefined, matching: undefined, selection: { first, last } })[1];
  assert.deepEqual(linesOf(1120, 1134), {
    key: 'lines',
    label: 'Lines 1,120–1,134',
    size: '15 lines',
    parameters: { lines: '1120-1134' },
  });
  assert.deepEqual(linesOf(7, 7)?.parameters, { lines: '7' });
  const task: TaskRun = {
    id: 'task',
    job_run_id: 'run',
    task_name: 'build',
    attempt: 2,
    status: 'completed',
    line_count: 3,
    level_counts: COUNTS,
  };
  assert.deepEqual(taskScope(task), {
    key: 'task task',
    label: 'build, attempt 2',
    size: '3 lines',
    parameters: { task_run_id: 'task' },
  });
});
