import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { spawn } from '@lydell/node-pty';
import { createRun, createTask, downloadRaw, type PostedLine, postLines, readRun } from '@/e2e/rest-client';
import { logMessageSchema } from '@/lib/protocol/log-message';
import { serveAnswers } from './testing/fake-answers';
import { COMPLETED, numbered, STARTED, useLogsBench } from './testing/logs-bench';

/** Lines of a run that retention leaves. */
const KEPT = 5000;

const bench = useLogsBench({ env: { STRATAL_RETENTION_LINES: String(KEPT), STRATAL_RETENTION_INTERVAL: '1s' } });
const { start, linesOf, refusal, makeRun } = bench;

test('every stored line of a run, whatever its pages, and byte for byte what its program printed', async (context) => {
  const lines: PostedLine[] = numbered(2500).map((message) => ({ message }));
  const odd = ['', '\x1b[31mred\x1b[0m é漢😀', 'two\nlines', '50 %\r100 %'].map((message) => ({ message }));
  const parts: PostedLine[] = [{ message: 'a long ', continues: true }, { message: 'line' }];
  const open: PostedLine = { message: 'no newline', continues: true };
  await makeRun('whole', [...lines, ...odd, ...parts, open]);
  const expected = [STARTED, ...numbered(2500), ...odd.map(({ message }) => message), 'a long line', 'no newline'];
  assert.deepEqual(await linesOf(context, 'whole'), [...expected, COMPLETED].join('\n').split('\n'));
  const { stdout } = await start(context, ['whole', '--stream', 'stdout,stderr']).result;
  assert.ok(stdout.equals(await downloadRaw(bench.url, 'whole')));
});

test('a part of a line that another stream follows ends there', async (context) => {
  await makeRun('mixed', [
    { message: 'out ', continues: true },
    { message: 'err', stream: 'stderr' },
    { message: 'end' },
  ]);
  assert.deepEqual(await linesOf(context, 'mixed'), [STARTED, 'out ', 'err', 'end', COMPLETED]);
  assert.deepEqual(await linesOf(context, 'mixed', '--stream', 'stdout'), ['out end']);
});

test('the filter of the API restricts what is printed', async (context) => {
  const at = (second: number) => `2024-01-15T10:30:0${second}.000Z`;
  await createRun(bench.url, 'filtered');
  await createTask(bench.url, 'filtered', 'filtered-a', 'build');
  await postLines(bench.url, 'filtered', [
    { message: 'GET /a 200', timestamp: at(1) },
    { message: 'GET /b 500', level: 'error', timestamp: at(2) },
    { message: 'get /c 503 retried', level: 'error', timestamp: at(3) },
    { message: 'slow', level: 'warn', stream: 'stderr', timestamp: at(4) },
    { message: 'compiled', task_name: 'build', timestamp: at(5) },
  ]);
  const read = (...args: string[]) => linesOf(context, 'filtered', ...args);
  assert.deepEqual(await read('--level', 'error,warn'), ['GET /b 500', 'get /c 503 retried', 'slow']);
  assert.deepEqual(await read('--level', 'error', '--level', 'warn', '--stream', 'stderr'), ['slow']);
  assert.deepEqual(await read('--q', '/ 50\\d/ -retried'), ['GET /b 500']);
  assert.deepEqual(await read('--q', '-GET -slow', '--stream', 'stdout,stderr'), ['compiled']);
  assert.deepEqual(await read('--q', 'get', '--case'), ['get /c 503 retried']);
  assert.deepEqual(await read('--q', 'get', '--q', '200'), ['GET /a 200']);
  assert.deepEqual(await read('--from', at(2), '--to', at(4)), ['GET /b 500', 'get /c 503 retried']);
  assert.deepEqual(await read('--task', 'build', '--attempt', '1'), ['compiled']);
  assert.deepEqual(await read('--task-run', 'filtered-a'), ['compiled']);
  assert.deepEqual(await read('--q', 'nothing'), []);
});

test('ranges of lines, the newest ones, and what is behind a line', async (context) => {
  const level = (index: number) => (index % 10 === 9 ? 'error' : 'info');
  const lines = numbered(3000).map((message, index) => ({ message, level: level(index) }));
  await makeRun('parts', lines);
  const read = (...args: string[]) => linesOf(context, 'parts', ...args);
  assert.deepEqual(await read('--lines', '2-4'), numbered(3));
  assert.deepEqual(await read('--lines', '3001-9000'), ['line 3000', COMPLETED]);
  assert.deepEqual(await read('--tail', '2'), ['line 3000', COMPLETED]);
  assert.deepEqual(await read('--tail', '2000'), [...numbered(1999, 1002), COMPLETED]);
  assert.deepEqual(await read('--tail', '2', '--stream', 'stdout'), ['line 2999', 'line 3000']);
  assert.deepEqual(
    await read('--tail', '299', '--level', 'error'),
    numbered(300)
      .slice(1)
      .map((_, n) => `line ${20 + 10 * n}`),
  );
  assert.deepEqual(await read('--tail', '3', '--q', '/line 1?7$/'), ['line 7', 'line 17']);
  assert.deepEqual(
    await read('--tail', '1001', '--q', 'line -/5$/'),
    numbered(3000)
      .filter((text) => !text.endsWith('5'))
      .slice(-1001),
  );
  assert.deepEqual(await read('--tail', '9000'), [STARTED, ...numbered(3000), COMPLETED]);
  assert.deepEqual(await read('--tail', '5', '--q', 'nothing'), []);
  assert.deepEqual(await read('--after', '3000'), ['line 3000', COMPLETED]);
  assert.deepEqual(await read('--after', '3002'), []);
  assert.deepEqual(await refusal(context, 'parts', '--lines', '4000-4001'), {
    code: 1,
    stderr: 'stratal: Job run parts has lines 1 to 3002; ask for some of them.\n',
  });
  assert.equal((await refusal(context, 'parts', '--after', '3003')).code, 1);
});

test('the address of a page names server, run, lines and filter', async (context) => {
  await makeRun('page', [...numbered(5), { message: 'broken', level: 'error' }]);
  const read = async (address: string, ...args: string[]) => {
    const options = { env: { STRATAL_URL: 'http://127.0.0.1:9' } };
    const { code, stdout } = await start(context, [`${bench.url}/job-runs/page${address}`, ...args], options).result;
    assert.equal(code, 0);
    return stdout.toString().trimEnd().split('\n');
  };
  assert.deepEqual(await read('', '--stream', 'stdout'), [...numbered(5), 'broken']);
  assert.deepEqual(await read('?line=3#L3-L4'), ['line 2', 'line 3']);
  assert.deepEqual(await read('?line=120-2', '--stream', 'stdout'), [...numbered(5), 'broken']);
  assert.deepEqual(await read('?level=error&hl=x'), ['broken']);
  assert.deepEqual(await read('?q=line+-4&stream=stdout'), ['line 1', 'line 2', 'line 3', 'line 5']);
  assert.deepEqual(await read('?q=line', '--q', 'broken'), ['broken']);
  assert.deepEqual(await read('?stream=stdout&find=LINE+[13]&findregex=true&only=true'), ['line 1', 'line 3']);
  assert.deepEqual(await read('?stream=stdout&find=line+[13]'), [...numbered(5), 'broken']);
  assert.deepEqual(await read('?q=LINE&case=1', '--q', 'Broken'), ['broken']);
  assert.deepEqual(await read('#L6', '--follow'), ['line 5', 'broken', COMPLETED]);
});

test('an address gets no token of another server, and its words obey nothing on the terminal', async (context) => {
  const seen: Array<string | undefined> = [];
  const other = createServer((request, response) => {
    seen.push(request.headers.authorization);
    const problem = {
      type: 'about:blank',
      title: 'No',
      status: 401,
      detail: 'Sign \x1b]0;x\x07in.\x1b[2J',
      code: 'NO',
    };
    response.writeHead(401, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
  });
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  context.after(() => other.close());
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const withheld = await start(context, [`${url}/job-runs/a`], { env: { STRATAL_TOKEN: 'secret' } }).result;
  const given = await start(context, ['a'], { env: { STRATAL_URL: url, STRATAL_TOKEN: 'secret' } }).result;
  assert.deepEqual(seen, [undefined, 'Bearer secret']);
  const where = `STRATAL_TOKEN is sent to the server of STRATAL_URL alone, and ${url} is another one.`;
  assert.deepEqual([withheld.code, withheld.stderr], [1, `stratal: Sign in. ${where}\n`]);
  assert.deepEqual([given.code, given.stderr], [1, 'stratal: Sign in.\n']);
});

test('times, numbers and JSON', async (context) => {
  const message = '\x1b[1mbold\x1b[0m \x9b?1049h';
  await makeRun('forms', [{ message, timestamp: '2024-01-15T10:30:45.123456Z' }]);
  assert.deepEqual(await linesOf(context, 'forms', '--timestamps', '--lines', '2'), [
    `2024-01-15T10:30:45.123456Z ${message}`,
  ]);
  assert.deepEqual(await linesOf(context, 'forms', '--numbers', '--lines', '2'), [`     2\t${message}`]);
  assert.deepEqual(await linesOf(context, 'forms', '--no-color', '--lines', '2'), ['bold ']);
  const response = await fetch(`${bench.url}/api/v1/logs/job-runs/forms/download?format=text`);
  assert.equal(`${(await linesOf(context, 'forms', '--timestamps')).join('\n')}\n`, await response.text());
  const [line = ''] = await linesOf(context, 'forms', '--json', '--lines', '2');
  assert.doesNotMatch(line, /\p{Cc}/u);
  const parsed = logMessageSchema.parse(JSON.parse(line));
  assert.deepEqual([parsed.id, parsed.job_run_id, parsed.level, parsed.message], [2, 'forms', 'info', message]);
});

test('a terminal gets text and colours, and nothing else that a log holds', async (context) => {
  await makeRun('hostile', [
    '\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b[?1049h\x1b[6n\x9b5n\x1bP0$q\x1b\\safe',
    '10 %\r100 %',
  ]);
  const program = join(import.meta.dirname, 'stratal.mjs');
  for (const NO_COLOR of ['', '1']) {
    const terminal = spawn(process.execPath, [program, 'logs', 'hostile'], {
      cols: 200,
      env: { ...process.env, NO_COLOR, STRATAL_URL: bench.url },
    });
    context.after(() => terminal.kill('SIGKILL'));
    let screen = '';
    terminal.onData((text) => {
      screen += text;
    });
    const code = await new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
    assert.equal(code, 0);
    const red = NO_COLOR === '' ? '\x1b[31mred\x1b[0m' : 'red';
    assert.equal(screen, [STARTED, `${red} safe`, '100 %', COMPLETED, ''].join('\r\n'));
  }
});

test('what retention took is told', async (context) => {
  await createRun(bench.url, 'old');
  for (let from = 1; from <= 6000; from += 1000) await postLines(bench.url, 'old', numbered(1000, from));
  let first = 1;
  while (first === 1) ({ first_line: first } = await readRun(bench.url, 'old'));
  const { code, stdout, stderr } = await start(context, ['old', '--lines', `1-${first}`]).result;
  assert.deepEqual([code, stdout.toString()], [0, `line ${first - 1}\n`]);
  const gone = `lines 1 to ${first - 1} are gone: retention removed what is older than line ${first}`;
  assert.equal(stderr, `stratal: ${gone}\n`);
});

test('a line whose rest is gone is not joined with what comes behind the gap', async (context) => {
  const url = await serveAnswers(context, [
    { run: { first: 1, last: 9 } },
    { lines: [1, 2], next: 'e-r1.2', isOpen: true },
    { reset: { reason: 'truncated', first: 9, last: 9, cursor: 'e-r1.8' } },
    { lines: [9], next: 'e-r1.9', ended: true },
  ]);
  const { code, stdout, stderr } = await start(context, ['r'], { env: { STRATAL_URL: url } }).result;
  assert.deepEqual([code, stdout.toString()], [0, 'line 1\nline 2\nline 9\n']);
  assert.match(stderr, /^stratal: retention removed the lines up to 8 before they were read; going on with line 9\n$/);
});

test('what cannot be read is told in a sentence', async (context) => {
  await makeRun('there', []);
  await makeRun('elsewhere', []);
  await createTask(bench.url, 'elsewhere', 'elsewhere-a', 'build');
  assert.deepEqual(await refusal(context, 'nobody'), {
    code: 1,
    stderr: `stratal: There is no job run nobody. ${bench.url} lists those there are; STRATAL_URL names another server.\n`,
  });
  const away = await start(context, ['there'], { env: { STRATAL_URL: 'http://127.0.0.1:9' } }).result;
  assert.equal(away.code, 1);
  assert.match(away.stderr, /^stratal: http:\/\/127\.0\.0\.1:9 does not answer\. .+STRATAL_URL\.\n$/);
  const addressed = await start(context, ['http://127.0.0.1:9/job-runs/there']).result;
  assert.equal(
    addressed.stderr,
    'stratal: http://127.0.0.1:9 does not answer. Start the server, or correct the address.\n',
  );
  const foreign = await refusal(context, 'there', '--task-run', 'elsewhere-a');
  assert.equal(foreign.code, 1);
  assert.match(foreign.stderr, /belongs to another job run/);
  const pattern = await refusal(context, 'there', '--q', 'a /b(/');
  assert.equal(pattern.code, 2);
  assert.match(pattern.stderr, /^error: --q the regular expression is not valid .+, at character 5\n/);
  for (const args of [[], ['there', '--level', 'loud'], ['there', '--tail', 'x'], ['http://localhost/elsewhere']]) {
    assert.equal((await refusal(context, ...args)).code, 2);
  }
});
