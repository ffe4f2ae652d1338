import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { connectPlainly } from '@/lib/store/database';
import { openTestDatabase } from '@/lib/store/testing/test-database';
import { ApiClient, freshId } from './api-client';
import { postLines } from './rest-client';
import { attemptStart } from './start-attempt';
import { StratalServer } from './stratal-server';

/** What stops a start, in a sentence; and how a server stops. */

let server: StratalServer;
let api: ApiClient;

test.beforeAll(async () => {
  server = await StratalServer.start();
  api = new ApiClient(server.url);
});

test.afterAll(async () => {
  api.close();
  await server.close();
});

test('a start that cannot be says why, by the name of the variable, and exits with 1', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stratal-start-'));
  const attempts: Array<[Record<string, string>, RegExp]> = [
    [{ HOST: '0.0.0.0' }, /HOST is 0\.0\.0\.0, which others can reach/],
    [{ HOST: '::' }, /HOST is ::, which others can reach/],
    [{ PORT: 'http', STRATAL_SAMPLE: 'maybe' }, /PORT: must be a port[\s\S]*STRATAL_SAMPLE: must be on or off/],
    [{ STRATAL_TAIL_BYTES: '64m' }, /STRATAL_TAIL_BYTES: must be a number of bytes/],
    [{ STRATAL_ALLOWED_ORIGINS: 'ci.example.org' }, /STRATAL_ALLOWED_ORIGINS: must be origins/],
    [{ DATABASE_URL: 'mysql://localhost/x' }, /DATABASE_URL: must be a URL that begins with postgres/],
    [{ DATABASE_URL: 'postgres://someone:hidden@127.0.0.1:1/x' }, /DATABASE_URL: cannot be used: .*ECONNREFUSED/],
    [{ PORT: String(server.port), STRATAL_DATA_DIR: path.join(folder, 'data') }, /The port is in use: .*PORT=/],
    [{ PORT: '0', STRATAL_DATA_DIR: server.dataDir }, /another Stratal[\s\S]*DATABASE_URL/i],
  ];
  const outcomes = await Promise.all(attempts.map(([env]) => attemptStart(env)));
  for (const [index, { exitCode, output }] of outcomes.entries()) {
    const [env, sentence] = attempts[index] ?? [];
    expect(exitCode, `${JSON.stringify(env)}: ${output}`).toBe(1);
    expect(output).toMatch(sentence ?? /never/);
    expect(output).toContain('Stratal cannot start.');
    expect(output, 'no stack for what is no fault of ours').not.toMatch(/^\s+at .*\.mjs:\d+/m);
    expect(output).not.toContain('hidden');
  }
  expect((await api.get('logs/stream/status')).status, 'the first server goes on').toBe(200);
  await rm(folder, { recursive: true, force: true });
});

test('SIGTERM finishes what is under way, lets readers go and exits with 0', async () => {
  const [run, source] = [freshId(), randomUUID()];
  const position = (from: number) => ({ 'stratal-source': source, 'stratal-position': String(from) });
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}`);
  await api.lines(run, lines.slice(0, 1), position(0));
  const stream = await fetch(`${server.url}/api/v1/logs/stream/sse?job_run_id=${run}`);
  const polling = api.get(`logs/job-runs/${run}?after=1&wait=25&level=debug`);
  const batch = api.lines(run, lines.slice(1), position(1)).then(
    (answer) => answer.status,
    () => 0,
  );
  // The poll waits in the server when the batch that it leaves out has arrived there.
  await expect.poll(async () => (await api.get(`job-runs/${run}`)).json('line_count')).toBeGreaterThan(1);
  expect(await server.stop()).toBe(0);
  expect((await polling).json()).toMatchObject({ logs: [], pagination: { ended: false } });
  expect(await stream.text()).toContain('"message":"line 0"');
  expect([0, 200]).toContain(await batch);
  expect(server.output).not.toMatch(/"level":(50|60)/);
  await server.startAgain();
  const again = await api.lines(run, lines.slice(1), position(1));
  expect(again.status).toBe(200);
  expect(Number(again.json('accepted')) + Number(again.json('skipped'))).toBe(lines.length - 1);
  expect((await api.get(`job-runs/${run}`)).json('line_count')).toBe(lines.length);
});

test('SIGTERM ends a server whose database answers nothing, too', async () => {
  const database = await openTestDatabase();
  const sql = connectPlainly(database.options, 2, 'test');
  const stuck = await StratalServer.start({ env: database.environment });
  try {
    await sql.begin(async (locking) => {
      await locking`lock table log_chunks, log_appends in access exclusive mode`;
      const batch = postLines(stuck.url, 'stuck', ['one']).catch((error: unknown) => error);
      const waiting = () =>
        sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await expect.poll(async () => (await waiting()).length).toBeGreaterThan(0);
      expect(await stuck.stop()).toBe(0);
      expect(await batch).toBeInstanceOf(Error);
    });
    expect(stuck.output).toContain('ingest does not come to its end, and is left');
  } finally {
    await stuck.close();
    await sql.end();
    await database.drop();
  }
});
