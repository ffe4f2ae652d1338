import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, copyFileSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createRun, finishRun, postLines } from '@/e2e/rest-client';
import { makeTemporaryFolder } from '@/lib/logger/testing/temporary-folder';
import { bundleCommand } from './bundle.mjs';
import { COMPLETED, numbered, STARTED, useLogsBench } from './testing/logs-bench';

const bench = useLogsBench();
const { start, linesOf } = bench;

/** Lines that are more than a pipe holds. */
const lines = (count: number) => numbered(count).map((text) => text.padEnd(200, '.'));

test('a run is followed to its end, over a server that is killed and one that stops', async (context) => {
  await createRun(bench.url, 'live');
  await postLines(bench.url, 'live', numbered(1500));
  const { result, sees } = start(context, ['live', '--follow']);
  await sees('line 1500\n');
  await postLines(bench.url, 'live', numbered(500, 1501));
  await sees('line 2000\n');
  let count = 2000;
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    await bench.server.stop(signal);
    await bench.server.startAgain();
    await postLines(bench.url, 'live', numbered(500, count + 1));
    count += 500;
    await sees(`line ${count}\n`);
  }
  await finishRun(bench.url, 'live', { status: 'failed', exit_code: 3 });
  const { code, stdout, stderr } = await result;
  assert.equal(code, 0);
  assert.equal(stdout.toString(), [STARTED, ...numbered(3000), 'Job run failed with exit code 3', ''].join('\n'));
  const news = `stratal: ${bench.url} does not answer; trying again until it does\nstratal: connected again; going on where it broke off\n`;
  assert.equal(stderr.slice(0, news.length), news);
});

test('a run is followed also where its server is away at first', async (context) => {
  await createRun(bench.url, 'waited');
  await postLines(bench.url, 'waited', numbered(3));
  await finishRun(bench.url, 'waited');
  await bench.server.stop('SIGTERM');
  const { child, result } = start(context, ['waited', '-f', '--tail', '1', '--stream', 'stdout']);
  if (child.stderr) await once(child.stderr, 'data');
  await bench.server.startAgain();
  const { code, stdout, stderr } = await result;
  assert.deepEqual([code, stdout.toString()], [0, 'line 3\n']);
  const away = `stratal: ${bench.url} does not answer; trying again until it does\n`;
  assert.equal(stderr, `${away}stratal: connected\n`);
});

test('a followed run begins with its newest lines, and keeps to its filter', async (context) => {
  await createRun(bench.url, 'newest');
  await postLines(bench.url, 'newest', numbered(100));
  const { result, sees } = start(context, ['newest', '-f', '--tail', '2', '--q', 'line']);
  await sees('line 100\n');
  await postLines(bench.url, 'newest', ['other', 'line 101']);
  await sees('line 101\n');
  await finishRun(bench.url, 'newest');
  const { code, stdout } = await result;
  assert.deepEqual([code, stdout.toString()], [0, 'line 99\nline 100\nline 101\n']);
  assert.deepEqual(await linesOf(context, 'newest', '-f', '--tail', '1'), [COMPLETED]);
});

test('a reader that has enough ends it quietly, and a full disk in a sentence', async (context) => {
  await createRun(bench.url, 'left');
  await postLines(bench.url, 'left', lines(4000));
  const { child, result } = start(context, ['left']);
  child.stdout?.once('data', () => child.stdout?.destroy());
  const { code, stderr } = await result;
  assert.deepEqual([code, stderr], [0, '']);

  const full = openSync('/dev/full', 'w');
  context.after(() => closeSync(full));
  const refused = await start(context, ['left'], { stdio: ['ignore', full, 'pipe'] }).result;
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^stratal: the lines could not be written: ENOSPC.*\n$/);
});

test('a signal ends it at once, also where its reader stands still', async (context) => {
  await createRun(bench.url, 'signalled');
  await postLines(bench.url, 'signalled', lines(4000));
  for (const args of [['--follow', '--tail', '1'], []]) {
    const { child, sees } = start(context, ['signalled', ...args]);
    await sees('line ');
    child.stdout?.pause();
    const gone = once(child, 'exit');
    child.kill('SIGINT');
    // By the signal itself, which a shell tells as 130, and by which its loop ends too.
    assert.deepEqual(await gone, [null, 'SIGINT']);
  }
});

test('the bundle copied to where nothing else is reads and follows', async (context) => {
  const program = join(makeTemporaryFolder(context), 'copied.mjs');
  copyFileSync(await bundleCommand(), program);
  await createRun(bench.url, 'copied');
  const { result, sees } = start(context, ['copied', '--follow', '--q', '/line \\d/'], { program });
  await postLines(bench.url, 'copied', numbered(3));
  await sees('line 3\n');
  await finishRun(bench.url, 'copied');
  const { code, stdout } = await result;
  assert.deepEqual([code, stdout.toString()], [0, 'line 1\nline 2\nline 3\n']);
});
