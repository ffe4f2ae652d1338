import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { spawn } from '@lydell/node-pty';
import { makeCommandBench } from './testing/stratal-command';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const) {
  test(`hands ${signal} on, and ends as the command ended`, async (context) => {
    const { server, start } = await makeCommandBench(context);
    const { child, result, sees } = start([
      'run',
      '--id',
      'a',
      '--',
      'sh',
      '-c',
      'ulimit -c 0; echo ready; exec sleep 60',
    ]);
    await sees('ready');
    child.kill(signal);
    assert.equal((await result).code, 128 + constants.signals[signal]);
    const run = server.runs.get('a');
    assert.deepEqual([run?.status, run?.signal, run?.exit_code], ['failed', signal, undefined]);
  });
}

test('waits for a command that takes its time over a signal', async (context) => {
  const { server, start } = await makeCommandBench(context);
  const script = 'trap "echo cleaning; read line; echo cleaned; exit 7" TERM; echo ready; while :; do sleep 0.05; done';
  const { child, result, sees } = start(['run', '--id', 'a', '--', 'sh', '-c', script], { stdio: 'pipe' });
  await sees('ready');
  child.kill('SIGTERM');
  await sees('cleaning');
  child.stdin?.end('go\n');
  assert.equal((await result).code, 7);
  assert.deepEqual(server.messages(), ['ready', 'cleaning', 'cleaned']);
});

test('a command killed by SIGKILL marks the run failed by that signal', async (context) => {
  const { server, run } = await makeCommandBench(context);
  assert.equal((await run(['run', '--id', 'a', '--', 'sh', '-c', 'kill -9 $$'])).code, 137);
  assert.equal(server.runs.get('a')?.signal, 'SIGKILL');
});

/** The command in a terminal of its own, where keys make signals. */
async function startInTerminal(context: TestContext, args: string[]) {
  const { environment, server } = await makeCommandBench(context);
  const pty = spawn(process.execPath, [join(import.meta.dirname, 'stratal.mjs'), ...args], {
    cols: 91,
    rows: 33,
    env: environment,
  });
  context.after(() => pty.kill('SIGKILL'));
  let screen = '';
  const watchers = new Set<() => void>();
  pty.onData((text) => {
    screen += text;
    for (const watcher of watchers) watcher();
  });
  const exited = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  const sees = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!screen.includes(text)) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
    });
  return { pty, server, exited, sees, screen: () => screen };
}

const COUNT_INTERRUPTS = `
  let count = 0;
  process.on('SIGINT', () => { count += 1; console.log('interrupt ' + count); });
  process.on('SIGTERM', () => { console.log('total ' + count); process.exit(9); });
  setInterval(() => {}, 1000);
  console.log('ready ' + process.pid);
`;

test('Ctrl-C in a terminal reaches the command once, not twice', async (context) => {
  const { pty, exited, sees, screen, server } = await startInTerminal(context, [
    'run',
    '--id',
    'a',
    '--',
    process.execPath,
    '-e',
    COUNT_INTERRUPTS,
  ]);
  await sees('ready');
  pty.write('\x03');
  await sees('interrupt 1');
  process.kill(pty.pid, 'SIGTERM');
  assert.equal(await exited, 9);
  assert.match(screen(), /total 1/);
  assert.ok(!screen().includes('interrupt 2'));
  assert.equal(server.runs.get('a')?.exit_code, 9);
});

test('--tty gives the command a terminal of our size, its keys, and each Ctrl-C once', async (context) => {
  const script = `
    console.log(['size', process.stdout.columns, process.stdout.rows, process.stdin.isTTY].join(' '));
    process.on('SIGWINCH', () => console.log('now ' + process.stdout.getWindowSize().join(' ')));
    ${COUNT_INTERRUPTS}
  `;
  const terminal = await startInTerminal(context, ['run', '--id', 'a', '--tty', '--', process.execPath, '-e', script]);
  const { pty, exited, sees, server } = terminal;
  await sees('ready');
  await sees('size 91 33 true');
  pty.resize(70, 20);
  await sees('now 70 20');
  pty.write('\x03');
  await sees('interrupt 1');
  process.kill(pty.pid, 'SIGTERM');
  assert.equal(await exited, 9);
  assert.ok(!terminal.screen().includes('interrupt 2'));
  assert.ok(server.messages().includes('total 1\r'));
});
