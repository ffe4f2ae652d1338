import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { LINE_BYTES_MAX } from '@/lib/protocol/limits';
import { Logger } from './logger';
import { IngestServer } from './testing/ingest-server';
import { makeTemporaryFolder } from './testing/temporary-folder';

async function startServer(context: TestContext): Promise<IngestServer> {
  const server = await IngestServer.start();
  context.after(() => server.stop());
  return server;
}

test('writes the four levels in order, with attributes, and finishes its run', async (context) => {
  const server = await startServer(context);
  const logger = new Logger({ url: server.url, jobName: 'import', metadata: { region: 'eu' } });
  logger.debug('a');
  logger.info('b', { n: 1, ok: true, none: null, nested: { deep: [1] }, absent: undefined });
  logger.warn('c');
  logger.error(new Error('d'));
  assert.equal(await logger.flush(60_000), true);
  assert.equal(server.lines.length, 4);
  await logger.close({ status: 'failed', exitCode: 2 });
  assert.deepEqual(
    server.lines.map((line) => [line.level, line.stream, line.message.split('\n')[0]]),
    [
      ['debug', 'stdout', 'a'],
      ['info', 'stdout', 'b'],
      ['warn', 'stdout', 'c'],
      ['error', 'stderr', 'Error: d'],
    ],
  );
  assert.deepEqual(server.lines[1]?.attributes, { n: 1, ok: true, none: null, nested: '{"deep":[1]}' });
  const run = server.runs.get(logger.jobRunId);
  assert.deepEqual(
    [run?.job_name, run?.status, run?.exit_code, run?.metadata],
    ['import', 'failed', 2, { region: 'eu' }],
  );
});

test('joins an existing run without finishing it', async (context) => {
  const server = await startServer(context);
  server.runs.set('abc-123', { id: 'abc-123', status: 'running' });
  const logger = new Logger({ url: server.url, jobRunId: 'abc-123' });
  const task = logger.task('load');
  task.info('loaded');
  task.finish();
  await logger.close();
  assert.equal(server.runs.get('abc-123')?.status, 'running');
  assert.equal(server.tasks.get(task.taskRunId)?.status, 'completed');
  assert.deepEqual(
    server.lines.map((line) => [line.message, line.task_run_id]),
    [['loaded', task.taskRunId]],
  );
});

test('never throws into the program, whatever it logs, and logs nothing after close', async (context) => {
  const server = await startServer(context);
  const logger = new Logger({ url: server.url, jobName: 'odd' });
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const trap = {
    get bad(): string {
      throw new Error('no');
    },
  };
  logger.info(undefined);
  logger.info(cycle, { cycle, big: 10n, symbol: Symbol('s'), call: () => 1, nan: Number.NaN });
  logger.info(trap);
  logger.info('kept', { ...cycle });
  logger.info('too much', { text: 'x'.repeat(9000), small: 1 });
  await logger.close();
  logger.info('late');
  const messages = server.messages();
  assert.equal(messages[0], 'undefined');
  assert.match(messages[1] ?? '', /Circular/);
  assert.ok(messages.includes('kept') && !messages.includes('late'));
  assert.deepEqual(server.lines.at(-1)?.attributes, { small: 1, dropped_attributes: 1 });
});

test('splits a message over the bound into parts that go on', async (context) => {
  const server = await startServer(context);
  const logger = new Logger({ url: server.url, jobName: 'long' });
  const message = 'é漢'.repeat(60_000);
  logger.info(message, { n: 1 });
  await logger.close();
  assert.equal(server.lines.map((line) => line.message).join(''), message);
  assert.ok(server.lines.every((line) => Buffer.byteLength(line.message) <= LINE_BYTES_MAX));
  assert.deepEqual(
    server.lines.map((line) => Boolean(line.continues)),
    [true, true, false],
  );
  assert.deepEqual(
    server.lines.map((line) => line.attributes?.n),
    [1, undefined, undefined],
  );
});

test('refuses to be made without a run', () => {
  assert.throws(() => new Logger({}), /jobName/);
  assert.throws(() => new Logger({ jobRunId: 'not an id' }), /jobRunId/);
});

test('keeps no program alive that forgets to close it, and loses none of its lines: the next one delivers them', async (context) => {
  const server = await startServer(context);
  const spool = makeTemporaryFolder(context);
  const script = `
    import { Logger } from ${JSON.stringify(`${import.meta.dirname}/logger.ts`)};
    const logger = new Logger({ url: ${JSON.stringify(server.url)}, jobName: 'a', jobRunId: 'forgetful', spoolDirectory: ${JSON.stringify(spool)} });
    logger.info('last words');
  `;
  server.intercept = () => 'silent';
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { stdio: 'inherit' });
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.equal(readdirSync(spool).length, 1);
  server.intercept = () => undefined;
  const logger = new Logger({ url: server.url, jobName: 'b', spoolDirectory: spool });
  await logger.close();
  assert.deepEqual(server.messages(), ['last words']);
  assert.deepEqual(readdirSync(spool), []);
});
