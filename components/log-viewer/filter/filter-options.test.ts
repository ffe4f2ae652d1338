import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facets } from '@/lib/protocol/api';
import type { TaskRun } from '@/lib/protocol/run';
import { faultyPart } from './faulty-part';
import { attemptOptions, taskOptions } from './filter-options';

const NONE = { info: 0, error: 0, warn: 0, debug: 0 };

function task(id: string, name: string, attempt: number): TaskRun {
  return { id, job_run_id: 'r', task_name: name, attempt, status: 'running', line_count: 0, level_counts: NONE };
}

const FACETS: Facets = {
  total: 12,
  level: NONE,
  stream: { stdout: 12, stderr: 0, system: 0 },
  task: [
    { task_run_id: 'b1', task_name: 'build', attempt: 1, count: 7 },
    { task_run_id: 't2', task_name: 'test', attempt: 2, count: 5 },
  ],
};

test('tasks that only their lines tell of can be chosen too, and those without lines count none', () => {
  assert.deepEqual(taskOptions([task('b1', 'build', 1), task('c1', 'clean', 1)], FACETS), [
    { id: 'b1', name: 'build', attempt: 1, count: 7 },
    { id: 'c1', name: 'clean', attempt: 1, count: 0 },
    { id: 't2', name: 'test', attempt: 2, count: 5 },
  ]);
  assert.equal(taskOptions([task('b1', 'build', 1)], undefined)[0]?.count, undefined);
});

test('an attempt has the lines of all tasks in it', () => {
  const options = taskOptions([task('b1', 'build', 1), task('b2', 'build', 2), task('t1', 'test', 1)], FACETS);
  assert.deepEqual(attemptOptions(options), [
    { attempt: 1, count: 7 },
    { attempt: 2, count: 5 },
  ]);
  assert.deepEqual(attemptOptions([]), []);
});

test('the faulty part is from its place to the end of the word, never nothing', () => {
  const part = (text: string, at: number) => {
    const { start, end } = faultyPart(text, at);
    return text.slice(start, end);
  };
  assert.equal(part('ok /(/ x', 4), '(/');
  assert.equal(part('say "hi', 4), '"hi');
  assert.equal(part('abc', 3), 'c');
  assert.equal(part('a b', 1), ' b');
});
