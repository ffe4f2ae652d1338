import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run, TaskRun } from '@/lib/protocol/run';
import { barOf, groupAttempts, timeAxis } from './timeline';

const COUNTS = { info: 0, error: 0, warn: 0, debug: 0 };
const START = Date.parse('2026-01-01T00:00:00.000Z');

function at(seconds: number): string {
  return new Date(START + seconds * 1000).toISOString();
}

function runOf(fields: Partial<Run> = {}): Run {
  return {
    id: 'run',
    job_name: 'job',
    status: 'completed',
    started_at: at(0),
    finished_at: at(100),
    first_line: 1,
    line_count: 0,
    byte_count: 0,
    level_counts: COUNTS,
    masked_count: 0,
    replaced_count: 0,
    pinned: false,
    ...fields,
  };
}

function taskOf(name: string, fields: Partial<TaskRun> = {}): TaskRun {
  return {
    id: `${name}-${fields.attempt ?? 1}`,
    job_run_id: 'run',
    task_name: name,
    attempt: 1,
    status: 'completed',
    line_count: 0,
    level_counts: COUNTS,
    ...fields,
  };
}

test('attempts are grouped by task, in order, wherever they stand in the list', () => {
  const groups = groupAttempts([
    taskOf('test', { attempt: 2 }),
    taskOf('build'),
    taskOf('test'),
    taskOf('test', { attempt: 3 }),
  ]);
  assert.deepEqual(
    groups.map(({ name, attempts }) => [name, attempts.map((task) => task.attempt)]),
    [
      ['test', [1, 2, 3]],
      ['build', [1]],
    ],
  );
});

test('a bar lies where its time does on the run’s axis', () => {
  const task = taskOf('build', { started_at: at(25), finished_at: at(75) });
  const axis = timeAxis(runOf(), [task], undefined);
  assert.deepEqual(axis, { from: START, to: START + 100_000 });
  assert.deepEqual(axis && barOf(task, axis, undefined), { left: 25, width: 50 });
});

test('the axis covers tasks that begin before their run or outlast it', () => {
  const tasks = [
    taskOf('early', { started_at: at(-10) }),
    taskOf('late', { started_at: at(90), finished_at: at(110) }),
  ];
  assert.deepEqual(timeAxis(runOf(), tasks, undefined), { from: START - 10_000, to: START + 110_000 });
});

test('what goes on reaches to now', () => {
  const run = runOf({ status: 'running', finished_at: undefined });
  const task = taskOf('build', { status: 'running', started_at: at(10) });
  const now = START + 20_000;
  const axis = timeAxis(run, [task], now);
  assert.deepEqual(axis, { from: START, to: now });
  assert.deepEqual(axis && barOf(task, axis, now), { left: 50, width: 50 });
});

test('tasks without times, or of no length, neither break the axis nor leave it', () => {
  const bare = runOf({ started_at: undefined, finished_at: undefined });
  assert.equal(timeAxis(bare, [taskOf('build')], START), undefined);
  const axis = timeAxis(runOf(), [], undefined);
  assert.ok(axis);
  assert.equal(barOf(taskOf('build'), axis, START), undefined);
  assert.equal(barOf(taskOf('waits', { status: 'pending', started_at: at(1) }), axis, START), undefined);
  const moment = taskOf('moment', { started_at: at(100), finished_at: at(100) });
  assert.deepEqual(barOf(moment, axis, undefined), { left: 99, width: 1 });
  const single = timeAxis(runOf({ finished_at: at(0) }), [], undefined);
  assert.ok(single && single.to > single.from);
});
