import { expect } from '@playwright/test';
import { freshId } from './api-client';
import { expectProblem, test } from './api-test';

/** Lists of runs, and task runs. */

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.(\d{3}|\d{6})Z$/;

test('runs are listed newest first, page by page, whatever is added meanwhile', async ({ api }) => {
  const name = freshId('list');
  const ids = [];
  for (const day of ['03', '01', '05', '02', '04']) {
    const made = await api.post('job-runs', {
      id: `${name}-${day}`,
      job_name: name,
      started_at: `2024-02-${day}T00:00:00Z`,
    });
    ids.push(made.json('id'));
  }
  const newest = ['05', '04', '03', '02', '01'].map((day) => `${name}-${day}`);
  const all = await api.get(`job-runs?q=${name}`);
  expect(Object.keys(Object(all.json())).sort()).toEqual(['job_runs', 'next']);
  expect(all.column('job_runs', 'id')).toEqual(newest);
  expect(all.json('next')).toBeNull();
  expect(all.json('job_runs.0')).toEqual((await api.get(`job-runs/${name}-05`)).json());

  const seen: unknown[] = [];
  let path = `job-runs?q=${name}&limit=2`;
  for (let pages = 0; pages < 3; pages++) {
    const page = await api.get(path);
    seen.push(...page.column('job_runs', 'id'));
    path = `job-runs?q=${name}&limit=2&after=${page.json('next')}`;
    await api.post('job-runs', { id: `${name}-new-${pages}`, job_name: name, started_at: '2024-03-01T00:00:00Z' });
    expect(page.json('next') === null).toBe(pages === 2);
  }
  expect(seen).toEqual(newest);
});

test('runs are found by status, by part of name or id in any case, and by time', async ({ api }) => {
  const name = freshId('find');
  const make = (id: string, fields: Record<string, unknown>) =>
    api.post('job-runs', { id: `${name}-${id}`, job_name: `${name} 50%_\\ Job`, ...fields });
  await make('a', { started_at: '2024-01-01T00:00:00Z' });
  await make('b', { started_at: '2024-01-02T00:00:00Z' });
  await make('c', { started_at: '2024-01-03T00:00:00Z', status: 'pending' });
  await api.patch(`job-runs/${name}-a`, { status: 'completed' });
  const find = async (query: string) =>
    (await api.get(`job-runs?${query}`)).column('job_runs', 'id').map((id) => String(id).slice(-1));
  expect(await find(`q=${name}`)).toEqual(['c', 'b', 'a']);
  expect(await find(`q=${name.toUpperCase()}%2050%25_%5C%20j`)).toEqual(['c', 'b', 'a']);
  expect(await find(`q=${name}_50`)).toEqual([]);
  expect(await find(`q=${name}-B`)).toEqual(['b']);
  expect(await find(`q=${name}&status=completed,pending`)).toEqual(['c', 'a']);
  expect(await find(`q=${name}&status=lost`)).toEqual([]);
  expect(await find(`q=${name}&from=2024-01-02T00:00:00Z`)).toEqual(['c', 'b']);
  expect(await find(`q=${name}&to=2024-01-02T00:00:00Z`)).toEqual(['a']);
  expect(await find(`q=${name}&from=${Date.UTC(2024, 0, 2)}&to=2024-01-03T01:00:00+01:00`)).toEqual(['b']);
});

test('a bad parameter of a list is named', async ({ api }) => {
  for (const [query, field] of [
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=x', 'limit'],
    ['status=done', 'status'],
    ['from=yesterday', 'from'],
    ['to=2024-02-30T00:00:00Z', 'to'],
    ['q=%00', 'q'],
  ]) {
    expectProblem(await api.get(`job-runs?${query}`), 400, 'STRATAL_BAD_PARAMETER', { field });
  }
  expectProblem(await api.get('job-runs?after=x'), 400, 'STRATAL_BAD_CURSOR', { field: 'after' });
  expectProblem(await api.get('task-runs?after=x'), 400, 'STRATAL_BAD_CURSOR', { field: 'after' });
  expectProblem(await api.get(`task-runs?job_run_id=${freshId()}`), 404, 'STRATAL_NO_RUN');
  expect((await api.get('job-runs?limit=200&status=&from=')).status).toBe(200);
});

test('a task run has its shape, its attempts and its counts', async ({ api }) => {
  const run = freshId();
  const task = freshId('task');
  await api.post('job-runs', { id: run, job_name: 'a' });
  const made = await api.post('task-runs', { id: task, job_run_id: run, task_name: 'build' });
  expect([made.status, made.headers.location]).toEqual([201, `/api/v1/task-runs/${task}`]);
  const plain = {
    id: task,
    job_run_id: run,
    task_name: 'build',
    attempt: 1,
    status: 'running',
    started_at: expect.stringMatching(TIME),
    line_count: 0,
    level_counts: { info: 0, error: 0, warn: 0, debug: 0 },
  };
  expect(made.json()).toEqual(plain);
  expect((await api.post('task-runs', { id: task, job_run_id: run, task_name: 'build' })).status).toBe(200);
  await api.lines(run, [
    { message: 'a', level: 'warn', task_run_id: task },
    { message: 'b', task_run_id: task },
    'no task',
  ]);
  expect((await api.get(`task-runs/${task}`)).json()).toEqual({
    ...plain,
    line_count: 2,
    level_counts: { info: 1, error: 0, warn: 1, debug: 0 },
  });
  expect((await api.post('task-runs', { job_run_id: run, task_name: 'build' })).json('attempt')).toBe(2);
  expect((await api.post('task-runs', { job_run_id: run, task_name: 'build', attempt: 7 })).json('attempt')).toBe(7);
  expect((await api.post('task-runs', { job_run_id: run, task_name: 'build' })).json('attempt')).toBe(8);
  expect((await api.get(`task-runs?job_run_id=${run}`)).column('task_runs', 'attempt')).toEqual([1, 2, 7, 8]);
  const page = await api.get(`task-runs?job_run_id=${run}&limit=3`);
  expect((await api.get(`task-runs?job_run_id=${run}&limit=3&after=${page.json('next')}`)).json()).toMatchObject({
    task_runs: [{ attempt: 8 }],
    next: null,
  });
});

test('a task run is refused under an id, attempt or run that does not fit', async ({ api }) => {
  const [run, other, task] = [freshId(), freshId(), freshId('task')];
  for (const id of [run, other]) await api.post('job-runs', { id, job_name: 'a' });
  await api.post('task-runs', { id: task, job_run_id: run, task_name: 'build' });
  const refused = (fields: Record<string, unknown>) =>
    api.post('task-runs', { job_run_id: run, task_name: 'build', ...fields });
  expectProblem(await refused({ id: task, task_name: 'test' }), 409, 'STRATAL_TASK_CONFLICT');
  expectProblem(await refused({ id: task, job_run_id: other }), 409, 'STRATAL_TASK_CONFLICT');
  expectProblem(await refused({ id: task, attempt: 2 }), 409, 'STRATAL_TASK_CONFLICT');
  expectProblem(await refused({ attempt: 1 }), 409, 'STRATAL_TASK_CONFLICT');
  expectProblem(await refused({ job_run_id: freshId() }), 404, 'STRATAL_NO_RUN');
  expectProblem(await refused({ job_run_id: 'a b' }), 400, 'STRATAL_BAD_BODY', { field: 'job_run_id' });
  expectProblem(await refused({ task_name: undefined }), 400, 'STRATAL_BAD_BODY', { field: 'task_name' });
  expectProblem(await refused({ attempt: 0 }), 400, 'STRATAL_BAD_BODY', { field: 'attempt' });
});

test('a task run ends as a run does, and adds no line', async ({ api }) => {
  const [run, task] = [freshId(), freshId('task')];
  await api.post('job-runs', { id: run, job_name: 'a' });
  await api.post('task-runs', { id: task, job_run_id: run, task_name: 'build', status: 'pending' });
  const change = (fields: Record<string, unknown>) => api.patch(`task-runs/${task}`, fields);
  expectProblem(await change({ status: 'failed' }), 409, 'STRATAL_STATUS_CONFLICT', { current: 'pending' });
  expect((await change({ status: 'running' })).json('started_at')).toMatch(TIME);
  const failed = await change({ status: 'failed', exit_code: 2, finished_at: '2024-01-01T00:00:00Z' });
  expect(failed.json()).toMatchObject({ status: 'failed', exit_code: 2, finished_at: '2024-01-01T00:00:00.000Z' });
  expect((await change({ status: 'failed' })).json()).toEqual(failed.json());
  expectProblem(await change({ status: 'completed' }), 409, 'STRATAL_STATUS_CONFLICT', { current: 'failed' });
  expectProblem(await change({ status: 'lost' }), 400, 'STRATAL_BAD_BODY', { field: 'status' });
  expect((await api.get(`job-runs/${run}`)).json('line_count')).toBe(1);
  expectProblem(await api.patch(`task-runs/${freshId()}`, { status: 'failed' }), 404, 'STRATAL_NO_TASK');
});

test('forty requests at once get forty attempts of a task', async ({ api }) => {
  const run = freshId();
  await api.post('job-runs', { id: run, job_name: 'a' });
  const made = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0
        ? api.post('task-runs', { job_run_id: run, task_name: 'build' })
        : api.lines(run, [{ message: 'x', task_run_id: `${run}.${index}`, task_name: 'build' }]),
    ),
  );
  expect(new Set(made.map((answer) => answer.status))).toEqual(new Set([201, 200]));
  const attempts = (await api.get(`task-runs?job_run_id=${run}&limit=200`)).column('task_runs', 'attempt');
  expect(attempts.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
});
