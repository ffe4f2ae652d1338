import { expect } from '@playwright/test';
import { type ApiClient, freshId } from './api-client';
import { expectProblem, test } from './api-test';

/** Reading lines: pages, starts, filters, tasks, long polling, facets and status. */

const MINUTE = '2024-01-15T10:30:';

/** Six lines of two streams, four levels and two tasks, one second apart, in a run without system lines. */
async function makeSix(api: ApiClient): Promise<{ run: string; build: string }> {
  const [run, build] = [freshId(), freshId('task')];
  const task = { task_run_id: build, task_name: 'build' };
  await api.lines(run, [
    { message: 'one', timestamp: `${MINUTE}00Z`, level: 'info', ...task },
    { message: 'two', timestamp: `${MINUTE}01.5Z`, level: 'error', stream: 'stderr' },
    { message: 'three', timestamp: `${MINUTE}02.000001Z`, level: 'warn', ...task },
    { message: 'four', timestamp: `${MINUTE}03Z`, level: 'debug', attributes: { a: 1 } },
    { message: 'five Needle', timestamp: `${MINUTE}04Z`, level: 'info', task_name: 'test', continues: true },
    { message: '\u001b[31msix nee\u001b[0mdle', timestamp: `${MINUTE}05Z`, level: 'error', stream: 'stderr', ...task },
  ]);
  return { run, build };
}

test('a page has the documented shape, exactly', async ({ api }) => {
  const [run, task] = [freshId(), freshId('task')];
  await api.lines(run, [
    { message: 'Task started successfully', timestamp: '2024-01-15T10:30:45.123Z', task_run_id: task },
    { message: '', timestamp: '2024-01-15T10:30:45.123456Z', continues: true, attributes: { b: { c: null } } },
  ]);
  const answer = await api.get(`logs/job-runs/${run}?limit=100&offset=0`);
  expect([answer.status, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([
    200,
    'application/json',
    'no-store',
  ]);
  expect(answer.json()).toStrictEqual({
    logs: [
      {
        id: 1,
        job_run_id: run,
        task_run_id: task,
        timestamp: '2024-01-15T10:30:45.123Z',
        level: 'info',
        stream: 'stdout',
        message: 'Task started successfully',
        task_name: task,
      },
      {
        id: 2,
        job_run_id: run,
        timestamp: '2024-01-15T10:30:45.123456Z',
        level: 'info',
        stream: 'stdout',
        message: '',
        continues: true,
        attributes: { 'b.c': null },
      },
    ],
    pagination: {
      total: 2,
      limit: 100,
      offset: 0,
      count: 2,
      next: expect.stringMatching(/^[a-z0-9]+-r\d+\.2$/),
      ended: false,
    },
  });
});

test('250 lines are paged by offset as by cursor, with the total on every page', async ({ api }) => {
  const run = freshId();
  const messages = Array.from({ length: 250 }, (_, index) => `line ${index + 1}`);
  await api.lines(run, messages);
  const byOffset: unknown[] = [];
  const byCursor: unknown[] = [];
  let after = '0';
  for (const offset of [0, 100, 200]) {
    const count = Math.min(100, 250 - offset);
    const page = await api.get(`logs/job-runs/${run}?offset=${offset}`);
    expect(page.json('pagination')).toMatchObject({ total: 250, limit: 100, offset, count });
    byOffset.push(...page.column('logs', 'message'));
    const next = await api.get(`logs/job-runs/${run}?after=${after}`);
    expect(next.json()).toEqual(page.json());
    byCursor.push(...next.column('logs', 'message'));
    after = String(next.json('pagination.next'));
  }
  expect(byOffset).toEqual(messages);
  expect(byCursor).toEqual(messages);
  const beyond = await api.get(`logs/job-runs/${run}?offset=250`);
  expect(beyond.json()).toEqual({
    logs: [],
    pagination: { total: 250, limit: 100, offset: 250, count: 0, next: after, ended: false },
  });
  expect((await api.get(`logs/job-runs/${run}?after=${after}`)).json('logs')).toEqual([]);
});

test('tail, after and at begin where they say, and tell the index of their first line', async ({ api }) => {
  const { run } = await makeSix(api);
  const page = async (query: string) => {
    const answer = await api.get(`logs/job-runs/${run}?${query}`);
    return [answer.column('logs', 'id'), answer.json('pagination.offset'), answer.json('pagination.total')];
  };
  expect(await page('tail=2')).toEqual([[5, 6], 4, 6]);
  expect(await page('tail=1000')).toEqual([[1, 2, 3, 4, 5, 6], 0, 6]);
  expect(await page('after=4&limit=1')).toEqual([[5], 4, 6]);
  expect(await page('after=6')).toEqual([[], 6, 6]);
  expect(await page(`at=${MINUTE}02Z`)).toEqual([[3, 4, 5, 6], 2, 6]);
  expect(await page(`at=${Date.UTC(2024, 0, 15, 10, 30, 3)}&limit=2`)).toEqual([[4, 5], 3, 6]);
  expect(await page(`at=${MINUTE}09Z`)).toEqual([[], 6, 6]);
  expect(await page('tail=1&level=error')).toEqual([[6], 1, 2]);
  expect(await page('after=2&level=error')).toEqual([[6], 1, 2]);
  expect(await page('after=2&q=needle')).toEqual([[5, 6], null, null]);
  expect(await page('after=1&tail=1&at=2030-01-01T00:00:00Z&offset=5&limit=1')).toEqual([[2], 1, 6]);
});

test('filters restrict by sets, times and text, and count exactly without text', async ({ api }) => {
  const { run, build } = await makeSix(api);
  const page = async (query: string) => {
    const answer = await api.get(`logs/job-runs/${run}?${query}`);
    return [answer.column('logs', 'id'), answer.json('pagination.total')];
  };
  expect(await page('level=error,warn')).toEqual([[2, 3, 6], 3]);
  expect(await page('level=error&level=warn')).toEqual([[2, 3, 6], 3]);
  expect(await page('stream=stderr')).toEqual([[2, 6], 2]);
  expect(await page('stream=system')).toEqual([[], 0]);
  expect(await page(`task_run_id=${build}`)).toEqual([[1, 3, 6], 3]);
  expect(await page('task_name=test,build')).toEqual([[1, 3, 5, 6], 4]);
  expect(await page('attempt=2')).toEqual([[], 0]);
  expect(await page('attempt=1&level=info')).toEqual([[1, 5], 2]);
  expect(await page(`from=${MINUTE}02.000001Z&to=${MINUTE}04Z`)).toEqual([[3, 4], 2]);
  expect(await page(`from=${MINUTE}02.000002Z`)).toEqual([[4, 5, 6], 3]);
  expect(await page('q=needle')).toEqual([[5, 6], null]);
  expect(await page('q=needle&case=1')).toEqual([[6], null]);
  expect(await page('q=needle%20-five')).toEqual([[6], null]);
  expect(await page('q=%22six%20needle%22')).toEqual([[6], null]);
  expect(await page('q=%2Fone%7Ctwo%2F')).toEqual([[1, 2], null]);
  expect(await page('level=error&offset=1&limit=1')).toEqual([[6], 2]);
});

test('next moves past lines that the filter leaves out', async ({ api }) => {
  const { run } = await makeSix(api);
  const none = await api.get(`logs/job-runs/${run}?level=debug&after=4`);
  expect([none.json('logs'), none.json('pagination.next')]).toEqual([[], expect.stringMatching(/\.6$/)]);
  const text = await api.get(`logs/job-runs/${run}?q=nothing`);
  expect([text.json('logs'), text.json('pagination.next')]).toEqual([[], expect.stringMatching(/\.6$/)]);
});

test('a bad parameter is named; an unknown run or task is 404; a task of another run is 400', async ({ api }) => {
  const { run, build } = await makeSix(api);
  for (const [query, field] of [
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['offset=-1', 'offset'],
    ['tail=1001', 'tail'],
    ['at=noon', 'at'],
    ['after=1&wait=26', 'wait'],
    ['after=1&wait=0', 'wait'],
  ]) {
    expectProblem(await api.get(`logs/job-runs/${run}?${query}`), 400, 'STRATAL_BAD_PARAMETER', { field });
  }
  for (const [query, field] of [
    ['level=fatal', 'level'],
    ['stream=stdin', 'stream'],
    ['attempt=0', 'attempt'],
    ['from=x', 'from'],
    ['case=2', 'case'],
    ['q=%2F(%2F', 'q'],
  ]) {
    expectProblem(await api.get(`logs/job-runs/${run}?${query}`), 400, 'STRATAL_BAD_FILTER', { field });
  }
  expectProblem(await api.get(`logs/job-runs/${run}?after=x`), 400, 'STRATAL_BAD_CURSOR', { field: 'after' });
  expectProblem(await api.get(`logs/job-runs/${run}?after=abc-g1.0`), 400, 'STRATAL_BAD_CURSOR', { field: 'after' });
  for (const unknown of [freshId(), '%00', '%20']) {
    expectProblem(await api.get(`logs/job-runs/${run}?task_run_id=${unknown}`), 404, 'STRATAL_NO_TASK');
  }
  const other = freshId();
  await api.lines(other, ['x']);
  expectProblem(await api.get(`logs/job-runs/${other}?task_run_id=${build}`), 400, 'STRATAL_BAD_PARAMETER', {
    field: 'task_run_id',
  });
  expectProblem(await api.get(`logs/job-runs/${freshId()}`), 404, 'STRATAL_NO_RUN');
  expectProblem(await api.get(`logs/task-runs/${freshId()}`), 404, 'STRATAL_NO_TASK');
});

test("a task's history has the run's line numbers", async ({ api }) => {
  const { build } = await makeSix(api);
  const history = await api.get(`logs/task-runs/${build}`);
  expect(history.column('logs', 'id')).toEqual([1, 3, 6]);
  expect(history.column('logs', 'task_run_id')).toEqual([build, build, build]);
  expect(history.json('pagination')).toMatchObject({ total: 3, limit: 100, offset: 0, count: 3, ended: false });
  const rest = await api.get(`logs/task-runs/${build}?after=1&level=error`);
  expect([rest.column('logs', 'id'), rest.json('pagination.total')]).toEqual([[6], 1]);
  expect((await api.get(`logs/task-runs/${build}?limit=1&offset=1`)).column('logs', 'id')).toEqual([3]);
});

test('long polling answers with the line it waited for', async ({ api }) => {
  const run = freshId();
  await api.lines(run, ['one']);
  const waiting = api.get(`logs/job-runs/${run}?after=1&wait=25&q=wanted`);
  // A line that the filter leaves out does not end the wait.
  await api.lines(run, ['other']);
  await api.lines(run, ['wanted']);
  const answer = await waiting;
  expect([answer.column('logs', 'id'), answer.json('pagination.next')]).toEqual([[3], expect.stringMatching(/\.3$/)]);
});

test('long polling that waits in vain is 200 and empty; it ends with its run', async ({ api }) => {
  const run = freshId();
  await api.lines(run, ['one']);
  const empty = await api.get(`logs/job-runs/${run}?after=1&wait=1`);
  expect([empty.status, empty.json()]).toEqual([
    200,
    {
      logs: [],
      pagination: { total: 1, limit: 100, offset: 1, count: 0, next: expect.stringMatching(/\.1$/), ended: false },
    },
  ]);
  const waiting = api.get(`logs/job-runs/${run}?after=1&wait=25`);
  await api.patch(`job-runs/${run}`, { status: 'completed' });
  expect((await waiting).json('pagination')).toMatchObject({ count: 0, ended: true });
  expect((await api.get(`logs/job-runs/${run}?after=1&wait=25`)).json('pagination.ended')).toBe(true);

  const gone = freshId();
  await api.lines(gone, ['one']);
  const orphan = api.get(`logs/job-runs/${gone}?after=1&wait=25`);
  await api.delete(`job-runs/${gone}`);
  expectProblem(await orphan, 404, 'STRATAL_NO_RUN');
});

test('a page is ended where the run is final and nothing follows', async ({ api }) => {
  const run = freshId();
  await api.post('job-runs', { id: run, job_name: 'a' });
  await api.lines(run, ['one', 'two']);
  const ended = async (query: string) => (await api.get(`logs/job-runs/${run}?${query}`)).json('pagination.ended');
  expect(await ended('')).toBe(false);
  await api.patch(`job-runs/${run}`, { status: 'completed' });
  expect(await ended('')).toBe(true);
  expect(await ended('limit=3')).toBe(false);
  expect(await ended('after=3')).toBe(true);
  expect(await ended('tail=1')).toBe(true);
  expect(await ended('level=error')).toBe(true);
});

test('a cursor of another store, of a deleted run or ahead of the newest line is 410 with the way on', async ({
  api,
}) => {
  const run = freshId();
  await api.lines(run, ['one', 'two']);
  const good = String((await api.get(`logs/job-runs/${run}`)).json('pagination.next'));
  const start = good.replace(/\.2$/, '.0');
  const refused = async (after: string) => api.get(`logs/job-runs/${run}?after=${after}`);
  expectProblem(await refused('3'), 410, 'STRATAL_CURSOR_RESET', { reason: 'ahead', first: 1, last: 2, cursor: start });
  expectProblem(await refused(good.replace(/2$/, '3')), 410, 'STRATAL_CURSOR_RESET', { reason: 'ahead' });
  expectProblem(await refused(`other${good}`), 410, 'STRATAL_CURSOR_RESET', { reason: 'epoch', first: 1, last: 2 });
  await api.delete(`job-runs/${run}`);
  await api.lines(run, ['anew', 'again']);
  const foreign = await refused(good);
  expectProblem(foreign, 410, 'STRATAL_CURSOR_RESET', { reason: 'epoch', first: 1, last: 2 });
  expect((await refused(String(foreign.json('cursor')))).column('logs', 'message')).toEqual(['anew', 'again']);
});

test('facets count all lines by level, stream and task', async ({ api }) => {
  const { run, build } = await makeSix(api);
  const taskOfName = (await api.get(`task-runs?job_run_id=${run}`)).json('task_runs.1.id');
  expect((await api.get(`logs/job-runs/${run}/facets`)).json()).toStrictEqual({
    total: 6,
    level: { info: 2, error: 2, warn: 1, debug: 1 },
    stream: { stdout: 4, stderr: 2, system: 0 },
    task: [
      { task_run_id: build, task_name: 'build', attempt: 1, count: 3 },
      { task_run_id: taskOfName, task_name: 'test', attempt: 1, count: 1 },
    ],
  });
});

test('groups that are open at a line are told with what is in them over the whole run', async ({ api }) => {
  const run = freshId();
  await api.lines(run, [
    '::group::Outer',
    'one',
    '::group::Inner',
    { message: 'two', level: 'error', timestamp: '2024-01-15T10:00:00Z' },
    '::endgroup::',
    { message: 'three', level: 'warn' },
    { message: '::endgroup::', timestamp: '2024-01-15T11:00:00Z' },
    '--- Report',
    { message: 'four', timestamp: '2024-01-15T12:00:00Z' },
  ]);
  const at = async (line: number | string) => api.get(`logs/job-runs/${run}/groups?at=${line}`);
  const line = (await api.get(`logs/job-runs/${run}?limit=1`)).json('logs.0');
  expect((await at(4)).json()).toMatchObject({
    groups: [
      { line, end: 7, lines: 3, errors: 1, warnings: 1, before: { lines: 1, errors: 0, warnings: 0 } },
      { line: { id: 3, message: '::group::Inner' }, end: 5, lines: 1, errors: 1, before: { lines: 0 } },
    ],
    through: 9,
  });
  expect((await at(9)).json()).toMatchObject({ groups: [{ line: { id: 8 }, lines: 1, before: { lines: 0 } }] });
  expect((await at(9)).json('groups.0.end')).toBeUndefined();
  expect((await at(1)).json()).toStrictEqual({ groups: [], through: 9 });
  for (const wrong of ['', '0', '-1', 'x', '1.5']) {
    expectProblem(await at(wrong), 400, 'STRATAL_BAD_PARAMETER', { field: 'at' });
  }
  expectProblem(await api.get(`logs/job-runs/${freshId()}/groups?at=1`), 404, 'STRATAL_NO_RUN');
});

test('the status tells the connections by transport, of all and of each run that has one', async ({ api }) => {
  const run = freshId();
  await api.lines(run, ['one']);
  const none = { websocket: 0, sse: 0, socketio: 0 };
  const status = async () => (await api.get('logs/stream/status')).json();
  expect(await status()).toStrictEqual({
    status: 'active',
    connections: { global: none, jobs: {} },
    uptime_seconds: expect.any(Number),
  });
  const ofRun = new AbortController();
  const ofAll = new AbortController();
  await fetch(`${api.url}/api/v1/logs/stream/sse?job_run_id=${run}`, { signal: ofRun.signal });
  await fetch(`${api.url}/api/v1/logs/stream/sse`, { signal: ofAll.signal });
  expect(await status()).toMatchObject({
    connections: { global: { ...none, sse: 1 }, jobs: { [run]: { ...none, sse: 1 } } },
  });
  ofRun.abort();
  ofAll.abort();
  await expect
    .poll(async () => JSON.stringify(await status()))
    .toContain(`"connections":{"global":${JSON.stringify(none)},"jobs":{}}`);
});
