import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run, Status, TaskRun } from '@/lib/protocol/run';
import { firstErrorQuery } from './first-error-query';

const LEVEL = { level: 'error', stream: 'stdout,stderr' };
const COUNTS = { info: 0, error: 3, warn: 0, debug: 0 };

function runOf(status: Status, error = 3): Run {
  return {
    id: 'run',
    job_name: 'job',
    status,
    first_line: 1,
    line_count: 10,
    byte_count: 100,
    level_counts: { ...COUNTS, error },
    masked_count: 0,
    replaced_count: 0,
    pinned: false,
  };
}

function taskOf(id: string, fields: Partial<TaskRun> = {}): TaskRun {
  return {
    id,
    job_run_id: 'run',
    task_name: id,
    attempt: 1,
    status: 'failed',
    line_count: 5,
    level_counts: COUNTS,
    ...fields,
  };
}

test('a run that has not failed, or has no line of level error, has no first error', () => {
  assert.equal(firstErrorQuery(runOf('running'), [taskOf('a')]), undefined);
  assert.equal(firstErrorQuery(runOf('completed'), []), undefined);
  assert.equal(firstErrorQuery(runOf('failed', 0), [taskOf('a')]), undefined);
});

test('without a failed task the level alone counts', () => {
  assert.deepEqual(firstErrorQuery(runOf('failed'), []), LEVEL);
  assert.deepEqual(firstErrorQuery(runOf('failed'), [taskOf('a', { status: 'completed' })]), LEVEL);
});

test('the task that failed first comes before tasks that failed later and those of unknown end', () => {
  const tasks = [
    taskOf('unknown'),
    taskOf('later', { finished_at: '2026-01-01T00:00:02.000Z' }),
    taskOf('first', { finished_at: '2026-01-01T00:00:01.000Z' }),
  ];
  assert.deepEqual(firstErrorQuery(runOf('failed'), tasks), { ...LEVEL, task_run_id: 'first' });
});

test('a failed attempt that another one followed, or that wrote no error, does not count', () => {
  const tasks = [
    taskOf('retried-1', { task_name: 'retried', finished_at: '2026-01-01T00:00:01.000Z' }),
    taskOf('retried-2', { task_name: 'retried', attempt: 2, status: 'completed' }),
    taskOf('quiet', { level_counts: { ...COUNTS, error: 0 } }),
  ];
  const retriedQuietly = taskOf('retried-2', {
    task_name: 'retried',
    attempt: 2,
    level_counts: { ...COUNTS, error: 0 },
  });
  assert.deepEqual(firstErrorQuery(runOf('failed'), tasks), { ...LEVEL, task_run_id: 'retried-2' });
  assert.equal(firstErrorQuery(runOf('failed'), [...tasks.slice(0, 1), retriedQuietly]), undefined);
  assert.deepEqual(firstErrorQuery(runOf('failed'), [...tasks, taskOf('last')]), { ...LEVEL, task_run_id: 'last' });
});
