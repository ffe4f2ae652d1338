import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeTemporaryFolder } from '@/lib/logger/testing/temporary-folder';
import { makeCommandBench } from './testing/stratal-command';

/** As deepEqual, but a failure shows where they part and not thousands of lines. */
function expectSame(actual: string[], expected: string[]): void {
  const at = expected.findIndex((line, index) => line !== actual[index]);
  assert.equal(at, -1, `line ${at + 1} of ${expected.length} is ${actual[at]}; there are ${actual.length}`);
  assert.equal(actual.length, expected.length);
}

const lines = (count: number, from = 1) => Array.from({ length: count }, (_, index) => String(from + index));

test('a server that is down the whole time costs nothing: the lines wait, and the next command delivers them once', async (context) => {
  const { server, run, spool } = await makeCommandBench(context);
  await server.stop();
  const first = await run(['run', '--id', 'first', '--wait', '0', '--', 'sh', '-c', 'seq 50; exit 6']);
  assert.equal(first.code, 6);
  assert.equal(first.stdout.toString(), `${lines(50).join('\n')}\n`);
  assert.match(first.stderr, new RegExp(`50 lines were not delivered to ${server.url}.*kept in ${spool}/`));
  await server.listen();
  const second = await run(['run', '--id', 'second', '--', 'echo', 'next']);
  assert.equal(second.code, 0);
  assert.match(second.stderr, /delivered 50 lines that waited for run first/);
  assert.deepEqual(
    server.lines.filter((line) => line.job_run_id === 'first').map((line) => line.message),
    lines(50),
  );
  assert.deepEqual([server.runs.get('first')?.status, server.runs.get('first')?.exit_code], ['failed', 6]);
  assert.deepEqual(readdirSync(spool), []);
});

test('`stratal flush` delivers what waits, says so, and exits 1 while it cannot', async (context) => {
  const { server, run, spool } = await makeCommandBench(context);
  await server.stop();
  await run(['run', '--id', 'a', '--wait', '0', '--', 'seq', '3']);
  const early = await run(['flush', '--wait', '0.2']);
  assert.equal(early.code, 1);
  assert.match(early.stderr, /3 lines of run a still wait in .*ECONNREFUSED/);
  await server.listen();
  const late = await run(['flush']);
  assert.equal(late.code, 0);
  assert.match(late.stderr, /delivered 3 lines that waited for run a/);
  expectSame(server.messages(), lines(3));
  assert.match((await run(['flush'])).stderr, /nothing waits/);
  assert.deepEqual(readdirSync(spool), []);
});

test('lines wait for a server that comes up only after the command has ended', async (context) => {
  const { server, start } = await makeCommandBench(context);
  await server.stop();
  const { child, result, sees } = start(['run', '--id', 'a', '--', 'seq', '20']);
  const waiting = new Promise<void>((resolve) => {
    child.stderr?.on('data', (text) => String(text).includes('waiting up to 30 s') && resolve());
  });
  await sees('20\n');
  await waiting;
  await server.listen();
  assert.equal((await result).code, 0);
  expectSame(server.messages(), lines(20));
  assert.equal(server.runs.get('a')?.status, 'completed');
});

test('a signal ends the wait for the server; the lines are kept', async (context) => {
  const { server, start, spool } = await makeCommandBench(context);
  await server.stop();
  const { child, result } = start(['run', '--', 'sh', '-c', 'seq 20; exit 3']);
  await new Promise<void>((resolve) => {
    child.stderr?.on('data', (text) => String(text).includes('waiting up to 30 s') && resolve());
  });
  child.kill('SIGINT');
  assert.equal((await result).code, 3);
  assert.equal(readdirSync(spool).length, 1);
});

test('a server that restarts in the middle changes nothing', async (context) => {
  const { server, start } = await makeCommandBench(context);
  const script = 'for part in 1 2 3 4; do seq 500; read line; done';
  const { child, result } = start(['run', '--', 'sh', '-c', script], { stdio: 'pipe' });
  for (let part = 1; part <= 4; part += 1) {
    await server.until(() => server.lines.length >= 500 * part - 250);
    await server.stop();
    child.stdin?.write('\n');
    await server.listen();
  }
  assert.equal((await result).code, 0);
  expectSame(
    server.messages(),
    [1, 2, 3, 4].flatMap(() => lines(500)),
  );
});

test('a kill -9 of stratal loses nothing that the command had written: flush delivers it once', async (context) => {
  const { server, start, run, spool } = await makeCommandBench(context);
  server.intercept = (request) => {
    if (!request.path.endsWith('/logs') || server.lines.length < 100) return undefined;
    // The first batches are stored; of the next one the answer never arrives.
    return server.lines.length < 200 ? 'lost' : 'silent';
  };
  const script = 'seq 1 100; read line; seq 101 200; read line; seq 201 9000; read line';
  const { child, sees } = start(['run', '--id', 'a', '--', 'sh', '-c', script], { stdio: 'pipe' });
  await server.until(() => server.lines.length === 100);
  child.stdin?.write('\n');
  await server.until(() => server.lines.length === 200);
  child.stdin?.write('\n');
  await sees('\n9000\n');
  child.kill('SIGKILL');
  await once(child, 'exit');
  child.stdin?.destroy();
  server.intercept = () => undefined;
  const { code, stderr } = await run(['flush']);
  assert.equal(code, 0, stderr);
  expectSame(server.messages('stdout'), lines(9000));
  // How the command ended is not known to anybody: the server will call the run lost.
  assert.equal(server.runs.get('a')?.status, undefined);
  assert.deepEqual(readdirSync(spool), []);
});

test('two commands that find the same spool deliver each of its lines once', async (context) => {
  const { server, run } = await makeCommandBench(context);
  await server.stop();
  await Promise.all(['a', 'b', 'c'].map((id) => run(['run', '--id', id, '--wait', '0', '--', 'seq', '2000'])));
  await server.listen();
  await Promise.all([run(['flush']), run(['flush']), run(['flush'])]);
  await run(['flush']);
  for (const id of ['a', 'b', 'c']) {
    const messages = server.lines.filter((line) => line.job_run_id === id).map((line) => line.message);
    expectSame(messages, lines(2000));
  }
});

test('a server that never answers neither slows a command that writes 50 MB, nor fills our memory', async (context) => {
  const { server, start, spool } = await makeCommandBench(context);
  server.intercept = () => 'silent';
  const folder = makeTemporaryFolder(context);
  const ended = once(watch(folder, { persistent: false }), 'change');
  const script = `yes "$(head -c 200 /dev/zero | tr '\\0' x)" | head -c 50000000; : > ended; read line; exit 0`;
  const { child, result } = start(['run', '--wait', '0', '--', 'sh', '-c', script], { stdio: 'pipe', cwd: folder });
  child.stdout?.resume();
  await ended;
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  // About 80 MB are Node itself; the lines alone would be 70 more.
  assert.ok(Number(peak) < 130_000, `${peak} kB`);
  child.stdin?.end();
  const { code, stderr, stdout } = await result;
  assert.equal(code, 0);
  assert.equal(stdout.length, 50_000_000);
  assert.match(stderr, /24875[67] lines were not delivered/);
  assert.equal(readdirSync(spool).length, 1);
});

test('a spool folder that cannot be written does not hold up the command; what is lost is counted', async (context) => {
  const { server, run } = await makeCommandBench(context);
  await server.stop();
  const spool = join(makeTemporaryFolder(context), 'file');
  const { code, stderr, stdout } = await run(['run', '--wait', '0', '--', 'sh', '-c', `seq 300000; exit 2`], {
    env: { STRATAL_SPOOL_DIR: '/dev/null/spool' },
  });
  assert.equal(code, 2);
  assert.equal(stdout.length, 1_988_895);
  assert.match(stderr, /300000 lines were lost/);
  assert.ok(!existsSync(spool));
});
