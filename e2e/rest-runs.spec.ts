import { expect } from '@playwright/test';
import { freshId } from './api-client';
import { expectProblem, test } from './api-test';

/** Job runs: how they are made, changed, kept alive, listed and deleted. */

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.(\d{3}|\d{6})Z$/;
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const STARTED = 'Job run started';

/** A run with one line and nothing that is optional. */
function plainRun(id: string, jobName: string): Record<string, unknown> {
  return {
    id,
    job_name: jobName,
    status: 'running',
    started_at: expect.stringMatching(TIME),
    first_line: 1,
    line_count: 1,
    byte_count: STARTED.length,
    level_counts: { info: 1, error: 0, warn: 0, debug: 0 },
    masked_count: 0,
    replaced_count: 0,
    pinned: false,
  };
}

test('POST makes a run with an id of its own, and leaves absent fields out', async ({ api }) => {
  const answer = await api.post('job-runs', { job_name: 'nightly' });
  expect(answer.status).toBe(201);
  const id = String(answer.json('id'));
  expect(id).toMatch(UUID_V7);
  expect(answer.headers.location).toBe(`/api/v1/job-runs/${id}`);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.json()).toEqual(plainRun(id, 'nightly'));
  expect((await api.get(answer.headers.location ?? '')).json()).toEqual(plainRun(id, 'nightly'));
});

test('POST keeps every field that it takes', async ({ api }) => {
  const id = freshId();
  const given = {
    id,
    job_name: 'döner · ビルド',
    status: 'running',
    started_at: '2024-01-15T10:30:45.123456Z',
    triggered_by: 'cron',
    metadata: { branch: 'main', nested: { list: [1, null, true] } },
    heartbeat_seconds: 30,
  };
  const answer = await api.post('job-runs', given);
  expect(answer.status).toBe(201);
  expect(answer.json()).toEqual({
    ...plainRun(id, given.job_name),
    ...given,
    last_heartbeat_at: expect.stringMatching(TIME),
  });
});

test('the same POST again answers the run there is; another job_name is refused', async ({ api }) => {
  const id = freshId();
  expect((await api.post('job-runs', { id, job_name: 'a' })).status).toBe(201);
  const again = await api.post('job-runs', { id, job_name: 'a', triggered_by: 'not taken' });
  expect([again.status, again.headers.location]).toEqual([200, `/api/v1/job-runs/${id}`]);
  expect(again.json()).toEqual(plainRun(id, 'a'));
  expectProblem(await api.post('job-runs', { id, job_name: 'b' }), 409, 'STRATAL_RUN_CONFLICT', { job_name: 'a' });
});

test('twenty equal POSTs at once make one run with one first line', async ({ api }) => {
  const id = freshId();
  const answers = await Promise.all(Array.from({ length: 20 }, () => api.post('job-runs', { id, job_name: 'a' })));
  expect(answers.map((answer) => answer.status).sort()).toEqual([...Array(19).fill(200), 201]);
  expect((await api.get(`job-runs/${id}`)).json('line_count')).toBe(1);
});

test('a UUID is one id in any case', async ({ api }) => {
  const id = 'A1B2C3D4-E5F6-4890-ABCD-EF1234567890';
  const made = await api.post('job-runs', { id, job_name: 'a' });
  expect(made.json('id')).toBe(id.toLowerCase());
  expect((await api.get(`job-runs/${id}`)).json('id')).toBe(id.toLowerCase());
  expect((await api.post('job-runs', { id: id.toLowerCase(), job_name: 'a' })).status).toBe(200);
  const plain = freshId('Case');
  await api.post('job-runs', { id: plain, job_name: 'a' });
  expectProblem(await api.get(`job-runs/${plain.toLowerCase()}`), 404, 'STRATAL_NO_RUN');
});

test('an id that breaks the pattern is 400 where written and 404 where read', async ({ api }) => {
  for (const id of ['', '-a', '.a', 'a b', 'a/b', 'ä', 'a'.repeat(129), 'a\u0000']) {
    expectProblem(await api.post('job-runs', { id, job_name: 'a' }), 400, 'STRATAL_BAD_BODY', { field: 'id' });
    if (id === '' || id === '.a') continue;
    const path = encodeURIComponent(id);
    expectProblem(await api.get(`job-runs/${path}`), 404, 'STRATAL_NO_RUN');
    expectProblem(await api.patch(`job-runs/${path}`, {}), 404, 'STRATAL_NO_RUN');
    expectProblem(await api.get(`logs/job-runs/${path}`), 404, 'STRATAL_NO_RUN');
    expectProblem(await api.get(`logs/task-runs/${path}`), 404, 'STRATAL_NO_TASK');
    expectProblem(await api.get(`task-runs/${path}`), 404, 'STRATAL_NO_TASK');
  }
  const longest = `${freshId('A.b_c~d-')}`.padEnd(128, 'x');
  expect((await api.post('job-runs', { id: longest, job_name: 'a' })).status).toBe(201);
  expect((await api.get(`job-runs/${longest.replace('~', '%7E')}`)).json('id')).toBe(longest);
});

test('a bad body names its field and makes nothing', async ({ api }) => {
  const bad: Array<[unknown, string]> = [
    [{}, 'job_name'],
    [{ job_name: '' }, 'job_name'],
    [{ job_name: 1 }, 'job_name'],
    [{ job_name: 'x'.repeat(257) }, 'job_name'],
    [{ job_name: 'a\u0000b' }, 'job_name'],
    [{ job_name: 'a\ud800b' }, 'job_name'],
    [{ job_name: 'a', status: 'completed' }, 'status'],
    [{ job_name: 'a', started_at: 'yesterday' }, 'started_at'],
    [{ job_name: 'a', heartbeat_seconds: 0 }, 'heartbeat_seconds'],
    [{ job_name: 'a', metadata: [] }, 'metadata'],
    [{ job_name: 'a', metadata: { a: '\u0000' } }, 'metadata'],
    [{ job_name: 'a', metadata: JSON.parse('{"a":'.repeat(40) + 1 + '}'.repeat(40)) }, 'metadata'],
    [{ job_name: 'a', unknown: 1 }, 'unknown'],
  ];
  for (const [body, field] of bad) {
    expectProblem(await api.post('job-runs', body), 400, 'STRATAL_BAD_BODY', { field });
  }
  expectProblem(await api.call('POST', 'job-runs', { body: '{"job_name":' }), 400, 'STRATAL_BAD_BODY');
  expectProblem(await api.call('POST', 'job-runs', {}), 400, 'STRATAL_BAD_BODY');
  expectProblem(
    await api.post('job-runs', { job_name: 'a', metadata: { a: 'x'.repeat(2 ** 20) } }),
    413,
    'STRATAL_TOO_LARGE',
  );
  const text = { headers: { 'content-type': 'text/plain' }, body: '{"job_name":"a"}' };
  expectProblem(await api.call('POST', 'job-runs', text), 415, 'STRATAL_MEDIA_TYPE');
});

test('a bad run does not fail lines that are committed with it', async ({ api }) => {
  const id = freshId();
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0 ? api.lines(id, [`line ${index}`]) : api.post('job-runs', { job_name: `\ud800${index}` }),
    ),
  );
  expect(answers.map((answer) => answer.status)).toEqual(
    Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 200 : 400)),
  );
  expect((await api.get(`job-runs/${id}`)).json('line_count')).toBe(20);
});

test('PATCH runs a pending run, finishes it, and writes both lines', async ({ api }) => {
  const id = freshId();
  const made = await api.post('job-runs', { id, job_name: 'a', status: 'pending' });
  expect(made.json()).toEqual({
    ...plainRun(id, 'a'),
    status: 'pending',
    started_at: undefined,
    line_count: 0,
    byte_count: 0,
    level_counts: { info: 0, error: 0, warn: 0, debug: 0 },
  });
  expect(Object.keys(Object(made.json()))).not.toContain('started_at');
  expectProblem(await api.patch(`job-runs/${id}`, { status: 'completed' }), 409, 'STRATAL_STATUS_CONFLICT', {
    current: 'pending',
  });
  expect((await api.patch(`job-runs/${id}`, { status: 'pending' })).status).toBe(200);
  expect((await api.patch(`job-runs/${id}`, { status: 'running' })).json('status')).toBe('running');
  expect((await api.patch(`job-runs/${id}`, { status: 'running' })).status).toBe(200);
  await api.lines(id, ['work']);
  const finish = { status: 'failed', exit_code: 3, finished_at: '2030-01-01T00:00:00Z' };
  const finished = await api.patch(`job-runs/${id}`, finish);
  expect(finished.json()).toMatchObject({
    status: 'failed',
    exit_code: 3,
    finished_at: '2030-01-01T00:00:00.000Z',
    line_count: 3,
  });
  const logs = await api.get(`logs/job-runs/${id}`);
  expect(logs.column('logs', 'message')).toEqual([STARTED, 'work', 'Job run failed with exit code 3']);
  expect(logs.column('logs', 'stream')).toEqual(['system', 'stdout', 'system']);
  expect(logs.column('logs', 'level')).toEqual(['info', 'info', 'error']);
});

test('a final status never changes; the same again is fine and adds nothing', async ({ api }) => {
  const id = freshId();
  await api.post('job-runs', { id, job_name: 'a' });
  const first = await api.patch(`job-runs/${id}`, { status: 'canceled', signal: 'SIGTERM' });
  expect(first.json()).toMatchObject({ status: 'canceled', signal: 'SIGTERM', line_count: 2 });
  const again = await api.patch(`job-runs/${id}`, { status: 'canceled', exit_code: 9 });
  expect([again.status, again.json()]).toEqual([200, first.json()]);
  for (const status of ['pending', 'running', 'completed', 'failed']) {
    expectProblem(await api.patch(`job-runs/${id}`, { status }), 409, 'STRATAL_STATUS_CONFLICT', {
      current: 'canceled',
    });
  }
  expectProblem(await api.patch(`job-runs/${id}`, { status: 'lost' }), 400, 'STRATAL_BAD_BODY', { field: 'status' });
  expectProblem(await api.patch(`job-runs/${id}`, { exit_code: 1 }), 400, 'STRATAL_BAD_BODY', { field: 'exit_code' });
  expectProblem(await api.call('POST', `job-runs/${id}/heartbeat`), 409, 'STRATAL_STATUS_CONFLICT', {
    current: 'canceled',
  });
});

test('lines after the end are numbered on', async ({ api }) => {
  const id = freshId();
  await api.post('job-runs', { id, job_name: 'a' });
  await api.patch(`job-runs/${id}`, { status: 'completed' });
  expect((await api.lines(id, ['late'])).status).toBe(200);
  expect((await api.get(`logs/job-runs/${id}`)).column('logs', 'message')).toEqual([
    STARTED,
    'Job run completed',
    'late',
  ]);
  expect((await api.get(`job-runs/${id}`)).json('status')).toBe('completed');
});

test('PATCH merges metadata and pins, on a finished run too', async ({ api }) => {
  const id = freshId();
  await api.post('job-runs', { id, job_name: 'a', metadata: { a: 1, b: { c: 2 } } });
  await api.patch(`job-runs/${id}`, { status: 'completed', metadata: { b: { d: 3 } } });
  const changed = await api.patch(`job-runs/${id}`, { metadata: { e: null }, pinned: true });
  expect(changed.json()).toMatchObject({ metadata: { a: 1, b: { d: 3 }, e: null }, pinned: true, status: 'completed' });
  expect((await api.patch(`job-runs/${id}`, { pinned: false })).json('pinned')).toBe(false);
  expect((await api.patch(`job-runs/${id}`, {})).status).toBe(200);
  expectProblem(await api.patch(`job-runs/${freshId()}`, { pinned: true }), 404, 'STRATAL_NO_RUN');
});

test('a run that lines make is running, named by its id, and has no system lines', async ({ api }) => {
  const id = freshId();
  await api.lines(id, ['only line']);
  expect((await api.get(`job-runs/${id}`)).json()).toEqual({ ...plainRun(id, id), byte_count: 9 });
  expect((await api.patch(`job-runs/${id}`, { status: 'completed' })).json('line_count')).toBe(1);
});

test('lines start a pending run, behind its first line', async ({ api }) => {
  const id = freshId();
  await api.post('job-runs', { id, job_name: 'a', status: 'pending' });
  await api.lines(id, ['first of mine']);
  expect((await api.get(`logs/job-runs/${id}`)).column('logs', 'message')).toEqual([STARTED, 'first of mine']);
  expect((await api.get(`job-runs/${id}`)).json('status')).toBe('running');
});

test('a deleted run is gone with its lines and tasks, and its id can be used again', async ({ api }) => {
  const id = freshId();
  await api.post('job-runs', { id, job_name: 'a' });
  const task = String((await api.post('task-runs', { job_run_id: id, task_name: 't' })).json('id'));
  await api.lines(id, ['one', 'two']);
  const gone = await api.delete(`job-runs/${id}`);
  expect([gone.status, gone.text]).toEqual([204, '']);
  for (const path of [
    `job-runs/${id}`,
    `logs/job-runs/${id}`,
    `logs/job-runs/${id}/facets`,
    `logs/job-runs/${id}/download`,
  ]) {
    expectProblem(await api.get(path), 404, 'STRATAL_NO_RUN');
  }
  expectProblem(await api.get(`task-runs/${task}`), 404, 'STRATAL_NO_TASK');
  expectProblem(await api.delete(`job-runs/${id}`), 404, 'STRATAL_NO_RUN');
  expect((await api.lines(id, ['anew'])).status).toBe(200);
  expect((await api.get(`logs/job-runs/${id}`)).column('logs', 'message')).toEqual(['anew']);
});

test('a silent run with heartbeats is lost; a line or a heartbeat makes it run again', async ({ api }) => {
  const ids = [freshId(), freshId(), freshId()];
  const [byLine = '', byHeartbeat = '', finished = ''] = ids;
  for (const id of ids) await api.post('job-runs', { id, job_name: 'a', heartbeat_seconds: 1 });
  for (const id of ids) {
    await expect.poll(async () => (await api.get(`job-runs/${id}`)).json('status'), { timeout: 20_000 }).toBe('lost');
  }
  expect((await api.get(`job-runs/${byLine}`)).json('finished_at')).toMatch(TIME);
  expect((await api.get(`logs/job-runs/${byLine}`)).json('pagination.ended')).toBe(true);
  expect((await api.patch(`job-runs/${finished}`, { status: 'completed' })).json('status')).toBe('completed');
  expect((await api.lines(byLine, ['still here'])).status).toBe(200);
  expect((await api.call('POST', `job-runs/${byHeartbeat}/heartbeat`)).status).toBe(204);
  for (const id of [byLine, byHeartbeat]) {
    const run = (await api.get(`job-runs/${id}`)).json();
    expect(run).toMatchObject({ status: 'running' });
    expect(run).not.toHaveProperty('finished_at');
  }
  expect((await api.get(`logs/job-runs/${byLine}`)).json('pagination.ended')).toBe(false);
});
