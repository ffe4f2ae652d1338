import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { makeTemporaryFolder } from '@/lib/logger/testing/temporary-folder';
import { makeCommandBench } from './testing/stratal-command';

function onlyRun(runs: Map<string, Record<string, unknown>>): Record<string, unknown> {
  assert.equal(runs.size, 1);
  return [...runs.values()][0] ?? {};
}

test('passes both streams through untouched, stores them, and exits as the command did', async (context) => {
  const { server, run, spool } = await makeCommandBench(context);
  const script = 'printf "out 1\\n\\0\\377bytes\\n"; printf "err 1\\n" >&2; printf "no newline"; exit 3';
  const { code, stdout, stderr } = await run(['run', '--', 'sh', '-c', script]);
  assert.equal(code, 3);
  assert.deepEqual(stdout, Buffer.from('out 1\n\0\xffbytes\nno newline', 'latin1'));
  const finished = onlyRun(server.runs);
  assert.equal(stderr, `stratal: ${server.url}/job-runs/${finished.id}\nerr 1\n`);
  assert.deepEqual([finished.job_name, finished.status, finished.exit_code], ['sh', 'failed', 3]);
  assert.equal(finished.heartbeat_seconds, 15);
  assert.equal(server.raw('stdout'), 'out 1\n\0\ufffdbytes\nno newline');
  assert.equal(server.raw('stderr'), 'err 1\n');
  assert.deepEqual(readdirSync(spool), []);
});

test('gives the command our stdin, and real pipes on which it can open /dev/stdout', async (context) => {
  const { server, start } = await makeCommandBench(context);
  const script = 'cat; echo again > /dev/stdout; echo wrong > /dev/stderr';
  const { child, result } = start(['run', '--', 'sh', '-c', script], { stdio: 'pipe' });
  child.stdin?.end('typed\n');
  assert.equal((await result).stdout.toString(), 'typed\nagain\n');
  assert.deepEqual([server.messages('stdout'), server.messages('stderr')], [['typed', 'again'], ['wrong']]);
});

test('passes each write on at once, before the command goes on', async (context) => {
  const { server, start } = await makeCommandBench(context);
  const { child, result, sees } = start(['run', '--', 'sh', '-c', 'printf "name? "; read name; echo "hello $name"'], {
    stdio: 'pipe',
  });
  await sees('name? ');
  await server.until(() => server.partials.some((line) => line.message === 'name? '));
  child.stdin?.end('you\n');
  assert.equal((await result).stdout.toString(), 'name? hello you\n');
  assert.deepEqual(server.messages(), ['name? hello you']);
});

test('--merge keeps the order of both streams exactly', async (context) => {
  const { server, run } = await makeCommandBench(context);
  const script = 'i=0; while [ $i -lt 300 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done';
  const { stdout, stderr } = await run(['run', '--merge', '--', 'sh', '-c', script]);
  const expected = Array.from({ length: 300 }, (_, index) => [`out ${index}`, `err ${index}`]).flat();
  assert.deepEqual(server.messages(), expected);
  assert.equal(stdout.toString(), `${expected.join('\n')}\n`);
  assert.equal(stderr.trimEnd().split('\n').length, 1);
});

test('exits 127 for a command that is not found and 126 for one that cannot be executed, and says so in the run', async (context) => {
  const { server, run } = await makeCommandBench(context);
  const file = join(makeTemporaryFolder(context), 'plain-file');
  writeFileSync(file, 'text');
  chmodSync(file, 0o644);
  const missing = await run(['run', '--id', 'missing', '--', 'no-such-command']);
  assert.equal(missing.code, 127);
  assert.match(missing.stderr, /stratal: no-such-command: command not found/);
  const forbidden = await run(['run', '--id', 'forbidden', '--', file]);
  assert.equal(forbidden.code, 126);
  const folder = await run(['run', '--id', 'folder', '--', '/tmp']);
  assert.equal(folder.code, 126);
  assert.deepEqual([server.runs.get('missing')?.status, server.runs.get('missing')?.exit_code], ['failed', 127]);
  assert.equal(server.runs.get('forbidden')?.exit_code, 126);
  assert.match(server.messages('stderr')[0] ?? '', /command not found/);
});

test('exits 2 for usage errors, without running the command', async (context) => {
  const { server, run } = await makeCommandBench(context);
  for (const args of [
    ['run'],
    ['run', '--'],
    ['run', '--id', 'not an id', '--', 'echo'],
    ['run', '--wait', 'long', '--', 'echo'],
    ['run', '--tty', '--merge', '--', 'echo'],
    ['run', '--job-run', 'a', '--name', 'b', '--', 'echo'],
    ['run', '--unknown', '--', 'echo'],
    ['walk'],
    [],
  ]) {
    const { code, stderr } = await run(args);
    assert.equal(code, 2, args.join(' '));
    assert.notEqual(stderr, '');
  }
  const badUrl = await run(['run', '--', 'echo'], { env: { STRATAL_URL: 'localhost:8080' } });
  assert.equal(badUrl.code, 2);
  assert.match(badUrl.stderr, /STRATAL_URL must be/);
  assert.equal(server.requests.length, 0);
});

test('everything after -- belongs to the command', async (context) => {
  const { run } = await makeCommandBench(context);
  const { stdout } = await run(['run', '--', 'echo', '--name', 'x', '--', '-v']);
  assert.equal(stdout.toString(), '--name x -- -v\n');
});

test('records where and how the command ran, and no credentials of the git remote', async (context) => {
  const { server, run } = await makeCommandBench(context);
  const folder = makeTemporaryFolder(context);
  const git = [
    'git init -q .',
    'git config user.email a@example.com; git config user.name a',
    'git commit -q --allow-empty -m first',
    'git remote add origin https://user:secret@example.com/team/shop.git',
  ].join('; ');
  await run(['run', '--id', 'setup', '--', 'sh', '-c', git], { cwd: folder });
  await run(['run', '--id', 'inside', '--triggered-by', 'nightly', '--', 'echo', 'two words'], { cwd: folder });
  const inside = server.runs.get('inside') ?? {};
  assert.equal(inside.triggered_by, 'nightly');
  const metadata = Object(inside.metadata);
  assert.match(metadata.git_commit, /^[0-9a-f]{40}$/);
  assert.deepEqual(
    { ...metadata, git_commit: '' },
    {
      host: hostname(),
      cwd: folder,
      command: "echo 'two words'",
      git_remote: 'https://example.com/team/shop.git',
      git_commit: '',
    },
  );
  assert.ok(!JSON.stringify([...server.runs.values()].slice(1)).includes('secret'));
});

test('asks for colours on pipes, unless NO_COLOR is set or the user said otherwise', async (context) => {
  const { run } = await makeCommandBench(context);
  const command = ['run', '--', 'sh', '-c', 'echo "$FORCE_COLOR,$CLICOLOR_FORCE"'];
  assert.equal((await run(command)).stdout.toString(), '1,1\n');
  assert.equal((await run(command, { env: { NO_COLOR: '1' } })).stdout.toString(), ',\n');
  assert.equal((await run(command, { env: { FORCE_COLOR: '3' } })).stdout.toString(), '3,\n');
});

test('--job-run joins a run as the next attempt of a task and does not finish it', async (context) => {
  const { server, run } = await makeCommandBench(context);
  const inner =
    '"$0" "$1" run --job-run "$STRATAL_JOB_RUN" --task test -- sh -c "echo tested; exit 1"; echo "inner $?"';
  const launcher = join(import.meta.dirname, 'stratal.mjs');
  const { code, stdout } = await run(['run', '--name', 'nightly', '--', 'sh', '-c', inner, process.execPath, launcher]);
  assert.equal(code, 0);
  assert.equal(stdout.toString(), 'tested\ninner 1\n');
  const outer = onlyRun(server.runs);
  assert.deepEqual([outer.job_name, outer.status], ['nightly', 'completed']);
  const [task] = [...server.tasks.values()];
  assert.deepEqual([task?.task_name, task?.job_run_id, task?.status, task?.exit_code], ['test', outer.id, 'failed', 1]);
  assert.equal(task?.attempt, undefined);
  assert.deepEqual(
    server.lines.map((line) => [line.message, line.task_run_id]),
    [
      ['tested', task?.id],
      ['inner 1', undefined],
    ],
  );
});

test('what a joined task writes is in the run once, on pipes and terminals, and on our own output all the same', async (context) => {
  const { server, run } = await makeCommandBench(context);
  const launcher = join(import.meta.dirname, 'stratal.mjs');
  const joinRun = '"$0" "$1" run --job-run "$STRATAL_JOB_RUN" --task deep --';
  const script = `${joinRun} sh -c '${joinRun.replace('deep', 'deeper')} seq 3000' "$0" "$1"; echo end`;
  for (const mode of [[], ['--merge'], ['--tty']]) {
    server.lines.length = 0;
    const { stdout } = await run(['run', ...mode, '--', 'sh', '-c', script, process.execPath, launcher]);
    const expected = [...Array.from({ length: 3000 }, (_, index) => `${index + 1}`), 'end'];
    const shown = stdout.toString().replaceAll('\r', '').trimEnd().split('\n');
    assert.equal(shown.filter((line) => !line.startsWith('stratal: ')).join(), expected.join());
    assert.equal(
      server
        .messages()
        .map((line) => line.replace('\r', ''))
        .join(),
      expected.join(),
    );
    assert.ok(!stdout.includes('\x1b_'));
  }
});

test('--task makes the lines of a new run those of a task', async (context) => {
  const { server, run } = await makeCommandBench(context);
  await run(['run', '--task', 'build', '--', 'echo', 'built']);
  const [task] = [...server.tasks.values()];
  assert.deepEqual([task?.task_name, task?.status, onlyRun(server.runs).status], ['build', 'completed', 'completed']);
  assert.equal(server.lines[0]?.task_run_id, task?.id);
});

test('a reader of our output that goes away closes the command’s pipe, as it would without us', async (context) => {
  const { server, start } = await makeCommandBench(context);
  const { child, result, sees } = start(['run', '--', 'yes']);
  await sees('y\n');
  child.stdout?.destroy();
  assert.equal((await result).code, 128 + 13);
  assert.equal(onlyRun(server.runs).signal, 'SIGPIPE');
});

test('a process that the command leaves behind does not hold us for ever', async (context) => {
  const { server, run } = await makeCommandBench(context);
  const { code, stderr, stdout } = await run(['run', '--', 'sh', '-c', 'sleep 60 & echo started; exit 4']);
  assert.equal(code, 4);
  assert.equal(stdout.toString(), 'started\n');
  assert.match(stderr, /left behind/);
  assert.equal(onlyRun(server.runs).status, 'failed');
});

test('runs the command also where no pipe can be made: a temporary folder that cannot be written', async (context) => {
  const { server, run } = await makeCommandBench(context);
  const env = { TMPDIR: '/proc/nowhere' };
  const plain = await run(['run', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3'], { env });
  assert.deepEqual([plain.code, plain.stdout.toString()], [3, 'out\n']);
  assert.deepEqual([server.messages('stdout'), server.messages('stderr')], [['out'], ['err']]);
  const merged = await run(['run', '--merge', '--', 'sh', '-c', 'echo 1; echo 2 >&2; echo 3; exit 4'], { env });
  assert.deepEqual([merged.code, merged.stdout.toString()], [4, '1\n2\n3\n']);
});

test('runs the command in a folder that was deleted', async (context) => {
  const { server, environment } = await makeCommandBench(context);
  const launcher = join(import.meta.dirname, 'stratal.mjs');
  const script = `mkdir gone && cd gone && rmdir ../gone && exec "$0" "$1" run --id a -- echo here`;
  const { stdout } = await promisify(execFile)('sh', ['-c', script, process.execPath, launcher], {
    cwd: makeTemporaryFolder(context),
    env: environment,
  });
  assert.equal(stdout, 'here\n');
  assert.deepEqual(server.messages(), ['here']);
});
