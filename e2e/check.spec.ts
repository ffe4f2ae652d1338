import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { EventSource } from 'eventsource';
import { connectPlainly } from '@/lib/store/database';
import { openTestDatabase } from '@/lib/store/testing/test-database';
import { createRun, finishRun, postLines } from './rest-client';
import { type CommandResult, runStratal } from './stratal-command';
import { StratalServer } from './stratal-server';

/** `stratal check` beside a server that runs, on one that is stopped, and after its data were put back. */

let server: StratalServer;
const at = (dataDir: string) => ({ STRATAL_DATA_DIR: dataDir });
const runCheck = (env: Record<string, string>, ...options: string[]): Promise<CommandResult> =>
  runStratal(['check', ...options], env);

test.beforeAll(async () => {
  server = await StratalServer.start();
  await createRun(server.url, 'checked');
  await postLines(server.url, 'checked', ['one', { message: 'two', level: 'error', task_name: 'build' }]);
});

test.afterAll(() => server.close());

interface Told {
  type: string;
  cursor: string;
  data: unknown;
}

/** What a reader with this cursor is told until the run's end. */
async function readToEnd(lastEventId?: string): Promise<Told[]> {
  const told: Told[] = [];
  const after = lastEventId === undefined ? '' : `&after=${lastEventId}`;
  const source = new EventSource(`${server.url}/api/v1/logs/stream/sse?job_run_id=checked${after}`);
  await new Promise<void>((resolve) => {
    for (const type of ['connected', 'log', 'reset', 'run-end']) {
      source.addEventListener(type, ({ data, lastEventId: cursor }) => {
        told.push({ type, cursor, data: JSON.parse(data) });
        if (type === 'run-end') resolve();
      });
    }
  });
  source.close();
  return told;
}

test('finds nothing beside a running server, which goes on, and on a stopped one, whose Postgres is stopped again', async () => {
  // How many chunks hold them depends on which commits they came in.
  const summary = expect.stringMatching(/^1 run, 3 lines, \d chunks: no differences\n$/);
  expect(await runCheck(at(server.dataDir))).toEqual({ exitCode: 0, stdout: summary, stderr: '' });
  await finishRun(server.url, 'checked');
  await server.stop();
  const stopped = await runCheck(at(server.dataDir), '--json');
  expect(stopped).toMatchObject({ exitCode: 0, stderr: '' });
  expect(JSON.parse(stopped.stdout)).toMatchObject({ summary: { runs: 1, lines: 4, differences: 0 } });
  expect(existsSync(path.join(server.dataDir, 'postgres', 'data', 'postmaster.pid'))).toBe(false);
  await server.startAgain();
});

test('after a restore a new epoch tells readers to begin anew', async () => {
  await finishRun(server.url, 'checked');
  const before = await readToEnd();
  const cursor = before.filter(({ type }) => type === 'log').at(-1)?.cursor ?? '';
  expect(cursor).not.toBe('');
  expect((await readToEnd(cursor)).map(({ type }) => type)).toEqual(['connected', 'run-end']);

  const refused = await runCheck(at(server.dataDir), '--new-epoch');
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toMatch(
    /^stratal: A Stratal server \(process \d+ on \S+\) uses the database in .*: stop it first\.\n$/,
  );

  await server.stop();
  const renewed = await runCheck(at(server.dataDir), '--new-epoch');
  expect(renewed).toMatchObject({ exitCode: 0, stderr: '' });
  expect(renewed.stdout).toMatch(/new epoch: .*\(reset: epoch\)/);
  await server.startAgain();
  const [first, ...rest] = (await readToEnd(cursor)).filter(({ type }) => type !== 'connected');
  expect(first).toMatchObject({ type: 'reset', data: { reason: 'epoch', first: 1, last: 4 } });
  expect(rest.map(withoutCursor)).toEqual(before.filter(({ type }) => type !== 'connected').map(withoutCursor));
  expect((await runCheck(at(server.dataDir))).exitCode).toBe(0);
});

/** What is the same whatever the epoch. */
function withoutCursor({ type, data }: Told): object {
  return { ...(data instanceof Object && data), type, cursor: undefined };
}

test('names what differs with the run, and exits with 1', async () => {
  const database = await openTestDatabase();
  const sql = connectPlainly(database.options, 2, 'test');
  const other = await StratalServer.start({ env: database.environment });
  try {
    await postLines(other.url, 'damaged', ['one', 'two']);
    await sql`update job_runs set info_count = 5`;
    const text = await runCheck(database.environment);
    expect(text.exitCode).toBe(1);
    expect(text.stdout.split('\n')).toEqual([
      expect.stringMatching(/^run damaged: it counts 5 lines of level info, and has 2\. The lines are whole; .*/),
      expect.stringMatching(/^run damaged: its levels count 5 lines in all/),
      expect.stringMatching(/^1 run, 2 lines, \d chunks?: 2 differences$/),
      '',
    ]);
    const [finding] = (await runCheck(database.environment, '--json')).stdout.split('\n');
    expect(JSON.parse(finding ?? '')).toMatchObject({ kind: 'counters', job_run_id: 'damaged', is_note: false });

    const refused = await runCheck(database.environment, '--new-epoch');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(/Stratal servers are connected .*stop them first, or use --force/);
    expect((await runCheck(database.environment, '--new-epoch', '--force')).exitCode).toBe(0);
  } finally {
    await other.close();
    await sql.end();
    await database.drop();
  }
});

test('says that its connection was lost where Postgres ends it in the middle of a statement', async () => {
  const database = await openTestDatabase();
  const sql = connectPlainly(database.options, 2, 'test');
  try {
    const other = await StratalServer.start({ env: database.environment });
    await postLines(other.url, 'waited-for', ['one', 'two']);
    await other.close();
    await sql.begin(async (locking) => {
      await locking`lock table log_chunks in access exclusive mode`;
      const checked = runCheck(database.environment);
      await expect
        .poll(
          () =>
            // Not in the transaction, which would see the sessions of its first look alone.
            sql`
              select pg_terminate_backend(pid) from pg_stat_activity
              where application_name = 'stratal check' and wait_event_type = 'Lock'
            `,
        )
        .toHaveLength(1);
      expect(await checked).toEqual({
        exitCode: 2,
        stdout: '',
        stderr: 'stratal: The connection to the database was lost: run the check again.\n',
      });
    });
  } finally {
    await sql.end();
    await database.drop();
  }
});

test('says why where there is nothing to check, and makes nothing there', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'stratal-e2e-empty-'));
  const missing = path.join(folder, 'data');
  const empty = await openTestDatabase({ isEmpty: true });
  const attempts: Array<[Record<string, string>, RegExp]> = [
    [at(missing), /^stratal: There is no database in .*: name its folder with STRATAL_DATA_DIR/],
    [{ DATABASE_URL: 'postgres://someone@127.0.0.1:1/x' }, /^stratal: The database does not answer/],
    [empty.environment, /^stratal: This database holds no Stratal store/],
    [{ PORT: 'http' }, /^stratal: PORT: must be a port/],
  ];
  for (const [env, sentence] of attempts) {
    const { exitCode, stdout, stderr } = await runCheck(env);
    expect(stderr).toMatch(sentence);
    expect(stderr, 'no stack for what is no fault of ours').not.toMatch(/^\s+at /m);
    expect([exitCode, stdout]).toEqual([2, '']);
  }
  expect((await runCheck(at(missing), '--jason')).exitCode).toBe(2);
  expect(existsSync(missing)).toBe(false);

  // The command as others install it, without the server's sources and programs.
  const alone = path.join(folder, 'command');
  for (const file of ['bin/stratal.mjs', 'bin/bundle.mjs', 'dist/stratal.mjs']) await cp(file, path.join(alone, file));
  const elsewhere = await runStratal(['check'], {}, path.join(alone, 'bin', 'stratal.mjs'));
  expect(elsewhere.exitCode).toBe(2);
  expect(elsewhere.stderr).toMatch(/^stratal: check needs the server’s own installation/);
  await empty.drop();
  await rm(folder, { recursive: true, force: true });
});
