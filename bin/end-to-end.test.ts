import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { StratalServer } from '@/e2e/stratal-server';
import { Logger } from '@/lib/logger/logger';
import { makeTemporaryFolder } from '@/lib/logger/testing/temporary-folder';
import { historySchema, runListSchema, taskListSchema } from '@/lib/protocol/api';
import { LINE_BYTES_MAX } from '@/lib/protocol/limits';
import { runSchema } from '@/lib/protocol/run';
import { startStratal } from './testing/stratal-command';

const CORPUS = process.env.STRATAL_CORPUS ?? resolve(import.meta.dirname, '../../shared/corpus');
const hasCorpus = existsSync(CORPUS);

let server: StratalServer;

before(async () => {
  server = await StratalServer.start();
});

after(() => server.close());

async function fetchJson(path: string): Promise<unknown> {
  const response = await fetch(`${server.url}/api/v1${path}`);
  assert.equal(response.status, 200, path);
  return response.json();
}

async function downloadRaw(runId: string): Promise<Buffer> {
  const path = `/api/v1/logs/job-runs/${runId}/download?format=raw`;
  const response = await fetch(server.url + path, { headers: { 'accept-encoding': 'identity' } });
  assert.equal(response.status, 200);
  return Buffer.from(await response.arrayBuffer());
}

function expectSameBytes(actual: Buffer, expected: Buffer): void {
  if (actual.equals(expected)) return;
  const at = expected.findIndex((byte, index) => byte !== actual[index]);
  assert.fail(`byte ${at} of ${expected.length} differs: ${actual.subarray(at, at + 20)}; there are ${actual.length}`);
}

function start(context: TestContext, args: string[], spool = makeTemporaryFolder(context)) {
  const environment = { ...process.env, STRATAL_URL: server.url, STRATAL_SPOOL_DIR: spool };
  return startStratal(context, environment, args, { stdio: 'pipe' });
}

/** Files that a program may print and get back byte for byte: UTF-8 without NUL, no redrawn line over the bound. */
function corpusFiles(): string[] {
  return readdirSync(CORPUS, { recursive: true, encoding: 'utf8' })
    .map((name) => join(CORPUS, name))
    .filter((path) => statSync(path).isFile())
    .filter((path) => {
      const bytes = readFileSync(path);
      const isText = isUtf8(bytes) && !bytes.includes(0);
      return (
        isText &&
        !bytes
          .toString()
          .split('\n')
          .some((line) => line.length > LINE_BYTES_MAX / 4 && line.includes('\r'))
      );
    });
}

test('real logs come back from the raw download byte for byte', {
  skip: !hasCorpus && `no corpus at ${CORPUS}`,
}, async (context) => {
  const files = corpusFiles();
  assert.ok(files.length > 100);
  const { result } = start(context, ['run', '--id', 'corpus', '--', 'cat', ...files]);
  const { code, stdout } = await result;
  const expected = Buffer.concat(files.map((path) => readFileSync(path)));
  assert.equal(code, 0);
  expectSameBytes(stdout, expected);
  expectSameBytes(await downloadRaw('corpus'), expected);
});

test('lines far over the bound, and output without a last newline or without any, come back byte for byte', async (context) => {
  const folder = makeTemporaryFolder(context);
  const outputs = { long: `first\n${'é漢😀'.repeat(60_000)}\nlast`, open: 'no newline', empty: '', blank: '\n\n\r\n' };
  for (const [name, text] of Object.entries(outputs)) {
    writeFileSync(join(folder, name), text);
    assert.equal((await start(context, ['run', '--id', name, '--', 'cat', join(folder, name)]).result).code, 0);
    expectSameBytes(await downloadRaw(name), Buffer.from(text));
  }
});

test('a run tells its command’s end in words, and what was no UTF-8 is counted', async (context) => {
  const script = 'printf "a\\377\\376b\\n"; kill -TERM $$';
  assert.equal((await start(context, ['run', '--id', 'killed', '--', 'sh', '-c', script]).result).code, 143);
  const run = runSchema.parse(await fetchJson('/job-runs/killed'));
  assert.deepEqual([run.status, run.signal, run.replaced_count], ['failed', 'SIGTERM', 2]);
  const { logs } = historySchema.parse(await fetchJson('/logs/job-runs/killed'));
  assert.deepEqual(
    logs.map((line) => [line.stream, line.message]),
    [
      ['system', 'Job run started'],
      ['stdout', 'a\ufffd\ufffdb'],
      ['system', 'Job run failed: ended by SIGTERM'],
    ],
  );
});

test('a task that is tried again is the next attempt of the run that it joins', async (context) => {
  const launcher = join(import.meta.dirname, 'stratal.mjs');
  const step = '"$0" "$1" run --job-run "$STRATAL_JOB_RUN" --task test -- sh -c';
  const script = `${step} "echo first; exit 1" || ${step} "echo second"`;
  const command = ['run', '--id', 'retried', '--name', 'nightly', '--', 'sh', '-c', script, process.execPath, launcher];
  assert.equal((await start(context, command).result).code, 0);
  const { task_runs } = taskListSchema.parse(await fetchJson('/task-runs?job_run_id=retried'));
  assert.deepEqual(
    task_runs
      .sort((a, b) => a.attempt - b.attempt)
      .map((task) => [task.task_name, task.attempt, task.status, task.exit_code, task.line_count]),
    [
      ['test', 1, 'failed', 1, 1],
      ['test', 2, 'completed', 0, 1],
    ],
  );
  const run = runSchema.parse(await fetchJson('/job-runs/retried'));
  assert.deepEqual([run.job_name, run.status, run.line_count], ['nightly', 'completed', 4]);
});

test('a server killed in the middle of a run, twice, costs no line and doubles none', async (context) => {
  const script = 'seq 1 3000; read line; seq 3001 6000; read line; seq 6001 9000';
  const { child, result, sees } = start(context, ['run', '--id', 'restarted', '--', 'sh', '-c', script]);
  for (const last of ['3000', '6000']) {
    await sees(`${last}\n`);
    await server.stop('SIGKILL');
    child.stdin?.write('\n');
    await server.startAgain();
  }
  assert.equal((await result).code, 0);
  const expected = Array.from({ length: 9000 }, (_, index) => `${index + 1}\n`).join('');
  expectSameBytes(await downloadRaw('restarted'), Buffer.from(expected));
});

test('what a killed stratal had captured is delivered once by flush', async (context) => {
  const spool = makeTemporaryFolder(context);
  const { child, sees } = start(context, ['run', '--id', 'orphan', '--', 'sh', '-c', 'seq 20000; read line'], spool);
  await sees('\n20000\n');
  child.kill('SIGKILL');
  await once(child, 'exit');
  child.stdin?.destroy();
  assert.equal((await start(context, ['flush'], spool).result).code, 0);
  const expected = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join('');
  expectSameBytes(await downloadRaw('orphan'), Buffer.from(expected));
  assert.equal(runSchema.parse(await fetchJson('/job-runs/orphan')).status, 'running');
});

test('a worker’s Logger makes a run, its tasks and their attempts', async (context) => {
  const logger = new Logger({
    url: server.url,
    spoolDirectory: makeTemporaryFolder(context),
    jobName: 'import',
    triggeredBy: 'cron',
  });
  logger.info('started', { rows: 12, source: { kind: 'csv' } });
  const task = logger.task('load');
  task.warn('slow\nvery slow');
  task.finish({ status: 'failed' });
  const again = logger.task('load');
  again.error(new Error('no such table'));
  again.finish();
  const report = await logger.close({ status: 'failed', exitCode: 1 });
  assert.equal(report.end, 'delivered');
  assert.deepEqual(report.notices, []);
  const { logs } = historySchema.parse(await fetchJson(`/logs/job-runs/${logger.jobRunId}`));
  assert.deepEqual(
    logs.map((line) => [line.level, line.stream, line.task_name, line.message.split('\n    at')[0]]),
    [
      ['info', 'system', undefined, 'Job run started'],
      ['info', 'stdout', undefined, 'started'],
      ['warn', 'stdout', 'load', 'slow\nvery slow'],
      ['error', 'stderr', 'load', 'Error: no such table'],
      ['error', 'system', undefined, 'Job run failed with exit code 1'],
    ],
  );
  assert.deepEqual(logs[1]?.attributes, { rows: 12, source: '{"kind":"csv"}' });
  const { task_runs } = taskListSchema.parse(await fetchJson(`/task-runs?job_run_id=${logger.jobRunId}`));
  assert.deepEqual(task_runs.map((each) => [each.attempt, each.status]).sort(), [
    [1, 'failed'],
    [2, 'completed'],
  ]);
});

test('the sample job makes a finished run of many tasks, one of them tried twice', async (context) => {
  const script = resolve(import.meta.dirname, '../examples/sample-job/start.mjs');
  const child = spawn(process.execPath, [script, '--fast'], {
    stdio: 'ignore',
    env: { ...process.env, STRATAL_URL: server.url, STRATAL_SPOOL_DIR: makeTemporaryFolder(context) },
  });
  context.after(() => child.kill('SIGKILL'));
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  const { job_runs } = runListSchema.parse(await fetchJson('/job-runs?q=nightly-build'));
  const [run] = job_runs;
  assert.deepEqual([run?.status, run?.triggered_by], ['completed', 'sample']);
  const { task_runs } = taskListSchema.parse(await fetchJson(`/task-runs?job_run_id=${run?.id}`));
  const tests = task_runs.filter((task) => task.task_name === 'unit-tests').map((task) => [task.attempt, task.status]);
  assert.deepEqual(tests.sort(), [
    [1, 'failed'],
    [2, 'completed'],
  ]);
  assert.equal(task_runs.length, 9);
  const raw = (await downloadRaw(run?.id ?? '')).toString();
  assert.equal(raw.split('FetchError: upstream sent no answer').length, 2);
  assert.match(raw, /::group::/);
});
