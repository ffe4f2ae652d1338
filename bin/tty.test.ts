import assert from 'node:assert/strict';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { test } from 'node:test';
import { makeTemporaryFolder } from '@/lib/logger/testing/temporary-folder';
import { makeCommandBench } from './testing/stratal-command';

test('--tty makes the command’s output a terminal, and leaves it our stdin', async (context) => {
  const { server, start } = await makeCommandBench(context);
  const script = 'test -t 1 && echo terminal; test -t 0 || echo "no terminal"; cat; exit 5';
  for (const stdin of ['pipe', 'ignore'] as const) {
    const { child, result } = start(['run', '--id', stdin, '--tty', '--', 'sh', '-c', script], {
      stdio: [stdin, 'pipe', 'pipe'],
    });
    child.stdin?.end();
    const { code } = await result;
    assert.equal(code, 5);
    assert.ok(server.lines.some((line) => line.job_run_id === stdin && line.message === 'terminal\r'));
  }
  assert.ok(server.lines.some((line) => line.job_run_id === 'ignore' && line.message === 'no terminal\r'));
});

test('--tty loses nothing of a command that writes much and ends at once', async (context) => {
  const { server, run } = await makeCommandBench(context);
  const expected = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\r\n`).join('');
  for (let round = 0; round < 5; round += 1) {
    server.lines.length = 0;
    const { stdout } = await run(['run', '--tty', '--', 'seq', '20000']);
    assert.ok(stdout.toString() === expected, `${stdout.length} of ${expected.length} bytes`);
    assert.ok(server.raw() === expected);
  }
});

test('--tty loses nothing of a command that ends while our reader takes nothing', async (context) => {
  const { server, start } = await makeCommandBench(context);
  const folder = makeTemporaryFolder(context);
  const written = once(watch(folder, { persistent: false }), 'change');
  const expected = Array.from({ length: 40_000 }, (_, index) => `${index + 1}\r\n`).join('');
  const script = 'seq 40000; : > written';
  const { child, result, sees } = start(['run', '--tty', '--', 'sh', '-c', script], { cwd: folder });
  await sees('1\r\n');
  child.stdout?.pause();
  await written;
  child.stdout?.resume();
  const { stdout } = await result;
  assert.ok(stdout.toString() === expected, `${stdout.length} of ${expected.length} bytes`);
  assert.ok(server.raw() === expected);
});

test('--tty passes the signal that ended the command, 127 and 126', async (context) => {
  const { server, run } = await makeCommandBench(context);
  assert.equal((await run(['run', '--id', 'a', '--tty', '--', 'sh', '-c', 'kill -9 $$'])).code, 137);
  assert.equal(server.runs.get('a')?.signal, 'SIGKILL');
  assert.equal((await run(['run', '--tty', '--', 'no-such-command'])).code, 127);
  assert.equal((await run(['run', '--tty', '--', '/etc/passwd'])).code, 126);
});
