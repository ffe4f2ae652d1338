import { expect, test } from '@playwright/test';
import WebSocket from 'ws';
import { ApiClient, freshId } from './api-client';
import { expectProblem } from './api-test';
import { attemptStart, type StartAttempt } from './start-attempt';
import { StratalServer } from './stratal-server';

/** Retention as readers of the built server meet it, and a second server on its folder. */

const KEPT = 500;
let server: StratalServer;
let api: ApiClient;
/** A second server on the first one's folder: it waits for that for ten seconds, while the other tests run. */
let second: Promise<StartAttempt>;

test.beforeAll(async () => {
  server = await StratalServer.start({
    env: { STRATAL_RETENTION_LINES: String(KEPT), STRATAL_RETENTION_INTERVAL: '1s', STRATAL_TAIL_BYTES: '1MiB' },
  });
  api = new ApiClient(server.url);
  second = attemptStart({ STRATAL_DATA_DIR: server.dataDir, PORT: '0' });
});

test.afterAll(async () => {
  api?.close();
  await second;
  await server?.close();
});

const numberOf = async (run: string, field: string) => Number((await api.get(`job-runs/${run}`)).json(field));

/** Posts of a hundred lines each, whose texts are so long. */
async function post(run: string, posts: number, length = 10): Promise<void> {
  const text = 'x'.repeat(length);
  const line = (index: number) => ({ message: text, level: index % 4 === 0 ? 'error' : 'info', task_name: 'build' });
  for (let sent = 0; sent < posts; sent++) {
    const answer = await api.lines(
      run,
      Array.from({ length: 100 }, (_, index) => line(index)),
    );
    expect(answer.status).toBe(200);
  }
}

test('a run that lost its oldest lines keeps its numbers, and whoever asks for the others is told', async () => {
  const run = freshId();
  await post(run, 12);
  await expect.poll(() => numberOf(run, 'first_line')).toBe(701);
  expect((await api.get(`job-runs/${run}`)).json()).toMatchObject({
    line_count: KEPT,
    level_counts: { info: 375, error: 125, warn: 0, debug: 0 },
    byte_count: 12_000,
  });
  const page = await api.get(`logs/job-runs/${run}?limit=2`);
  expect(page.column('logs', 'id')).toEqual([701, 702]);
  expect(page.json('pagination')).toMatchObject({ total: KEPT, offset: 0, count: 2 });
  const errors = await api.get(`logs/job-runs/${run}?level=error&offset=124`);
  expect([errors.json('pagination.total'), errors.column('logs', 'id')]).toEqual([125, [1197]]);
  expect((await api.get(`logs/job-runs/${run}/facets`)).json()).toMatchObject({
    total: KEPT,
    level: { info: 375, error: 125 },
    task: [{ task_name: 'build', count: KEPT }],
  });
  const task = String((await api.get(`task-runs?job_run_id=${run}`)).column('task_runs', 'id')[0]);
  expect((await api.get(`task-runs/${task}`)).json()).toMatchObject({ line_count: KEPT });
  expect((await api.get(`logs/task-runs/${task}`)).json('pagination.total')).toBe(KEPT);

  for (const after of ['1', '699']) {
    const reset = await api.get(`logs/job-runs/${run}?after=${after}`);
    expectProblem(reset, 410, 'STRATAL_CURSOR_RESET', { reason: 'truncated', first: 701, last: 1200 });
    const on = await api.get(`logs/job-runs/${run}?limit=1&after=${reset.json('cursor')}`);
    expect(on.column('logs', 'id')).toEqual([701]);
  }
  for (const after of ['0', '700']) {
    expect((await api.get(`logs/job-runs/${run}?limit=1&after=${after}`)).column('logs', 'id')).toEqual([701]);
  }
  expectProblem(await api.get(`logs/job-runs/${run}/download?lines=1-700`), 404, 'STRATAL_NO_LINES');
  expect((await api.get(`logs/job-runs/${run}/download?lines=650-702&format=raw`)).text).toBe('xxxxxxxxxx\n'.repeat(2));
});

test('a pinned run stays whole until it is unpinned', async () => {
  const [pinned, other] = [freshId(), freshId()];
  await api.post('job-runs', { id: pinned, job_name: pinned });
  await api.patch(`job-runs/${pinned}`, { pinned: true });
  await post(pinned, 7);
  await post(other, 7);
  await expect.poll(() => numberOf(other, 'first_line')).toBe(201);
  expect([await numberOf(pinned, 'first_line'), await numberOf(pinned, 'line_count')]).toEqual([1, 701]);
  await api.patch(`job-runs/${pinned}`, { pinned: false });
  await expect.poll(() => numberOf(pinned, 'line_count')).toBe(KEPT);
});

test('a reader that fell behind is told where its lines went, and misses nothing else', async () => {
  const run = freshId();
  await api.post('job-runs', { id: run, job_name: run });
  const socket = new WebSocket(`ws://localhost:${server.port}/api/v1/logs/stream/ws?job_run_id=${run}`, 'stratal.v1');
  const seen: Array<number | string> = [];
  socket.on('message', (data) => {
    const value = JSON.parse(String(data));
    if (value.type === undefined) seen.push(value.id);
    else if (value.type === 'reset') seen.push(`${value.reason} ${value.first}`);
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await expect.poll(() => seen).toEqual([1]);
  socket.pause();
  // More than what sockets and the server's memory hold for it.
  await post(run, 15, 20_000);
  await expect.poll(() => numberOf(run, 'line_count')).toBe(KEPT);
  await api.patch(`job-runs/${run}`, { status: 'completed' });
  socket.resume();
  expect(await closed).toBe(1000);
  let next = 1;
  const resets = [];
  for (const one of seen) {
    if (typeof one === 'string') {
      expect(one).toMatch(/^truncated \d+$/);
      next = Number(one.split(' ')[1]);
      resets.push(one);
    } else expect(one).toBe(next++);
  }
  expect(next).toBe(1503);
  expect(resets.length).toBeGreaterThan(0);
});

test('a second server on the same folder says who has it, and leaves it alone', async () => {
  const { exitCode, output } = await second;
  expect(exitCode).toBe(1);
  expect(output).toContain(`process ${server.pid} on `);
  expect(output).toContain('STRATAL_DATA_DIR');
  const run = freshId();
  await post(run, 1);
  expect(await numberOf(run, 'line_count')).toBe(100);
});
