import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ApiConnection } from './api-connection';
import { Producer, type ProducerOptions } from './producer';
import { IngestServer, type SeenRequest } from './testing/ingest-server';
import { makeTemporaryFolder } from './testing/temporary-folder';

const LONG_MS = 60_000;
const create = { method: 'POST' as const, path: '/job-runs', body: { id: 'run-1', job_name: 'job' } };
const finish = { method: 'PATCH' as const, path: '/job-runs/run-1', body: { status: 'completed' } };

async function setUp(context: TestContext, options: Partial<ProducerOptions> = {}) {
  const server = await IngestServer.start();
  const api = new ApiConnection({ url: server.url });
  context.after(async () => {
    api.close();
    await server.stop();
  });
  const spoolRoot = makeTemporaryFolder(context);
  const make = (more: Partial<ProducerOptions> = {}) =>
    new Producer({ api, spoolRoot, jobRunId: 'run-1', setup: [create], ...options, ...more });
  return { server, api, spoolRoot, make };
}

function write(producer: Producer, texts: string[]): void {
  producer.write(texts.map((text) => ({ timeUs: producer.nowUs(), stream: 'stdout', text })));
}

function isIngest(request: SeenRequest): boolean {
  return request.path.endsWith('/logs');
}

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `line ${from + index}`);

test('makes the run, sends its lines in order, then finishes it, and leaves no file behind', async (context) => {
  const { server, make, spoolRoot } = await setUp(context);
  const producer = make();
  producer.start();
  write(producer, numbers(3));
  producer.operate(finish);
  const report = await producer.close(LONG_MS);
  assert.equal(report.end, 'delivered');
  assert.deepEqual(server.messages(), numbers(3));
  assert.deepEqual(server.runs.get('run-1'), { id: 'run-1', job_name: 'job', status: 'completed' });
  assert.deepEqual(
    server.requests.map(({ method, path }) => `${method} ${path}`).filter((each) => !each.endsWith('/logs')),
    ['POST /job-runs', 'PATCH /job-runs/run-1'],
  );
  assert.equal(server.requests.at(-1)?.method, 'PATCH');
  assert.deepEqual(readdirSync(spoolRoot), []);
});

test('sends a line at once where nothing is under way, and gathers the others meanwhile into one request', async (context) => {
  const { server, make } = await setUp(context);
  const producer = make();
  producer.start();
  assert.ok(await producer.flush(LONG_MS));
  let hasGathered = false;
  server.intercept = (request) => {
    // While the first line's request is under way, the program goes on writing line by line.
    if (isIngest(request) && !hasGathered) for (const text of numbers(50, 1)) write(producer, [text]);
    if (isIngest(request)) hasGathered = true;
    return undefined;
  };
  write(producer, ['line 0']);
  await server.until(() => server.lines.length === 51);
  await producer.close(LONG_MS);
  const batches = server.requests.filter(isIngest).map((request) => request.body.toString().trim().split('\n').length);
  assert.deepEqual(batches, [1, 50]);
  assert.deepEqual(server.messages(), numbers(51));
});

test('adds no line twice and loses none, when answers are lost and the server stops and comes back', async (context) => {
  const { server, make } = await setUp(context);
  const producer = make();
  producer.start();
  let count = 0;
  server.intercept = (request) => {
    count += 1;
    if (!isIngest(request)) return count % 2 === 1 ? 'lost' : undefined;
    return ([undefined, 'lost', { status: 503, body: { code: 'STRATAL_INGEST_UNCERTAIN' } }, 'lost'] as const)[
      count % 4
    ];
  };
  for (let round = 0; round < 10; round += 1) {
    write(producer, numbers(20, round * 20));
    if (round % 4 === 1) {
      await server.until(() => server.lines.length >= round * 20 - 20);
      await server.stop();
      write(producer, []);
      await server.listen();
    }
  }
  assert.ok(await producer.flush(LONG_MS));
  assert.deepEqual(server.messages(), numbers(200));
  await producer.close(LONG_MS);
});

test('goes back to where the server says, when it lost what it had', async (context) => {
  const { server, make } = await setUp(context);
  const producer = make();
  producer.start();
  write(producer, numbers(10));
  assert.ok(await producer.flush(LONG_MS));
  // A restore from a backup: the last four lines and the run's creation are gone.
  server.lines.length = 6;
  for (const source of server.positions.keys()) server.positions.set(source, 6);
  server.runs.clear();
  write(producer, numbers(2, 10));
  assert.ok(await producer.flush(LONG_MS));
  assert.deepEqual(server.messages(), numbers(12));
  assert.ok(server.runs.has('run-1'));
  const report = await producer.close(LONG_MS);
  assert.equal(report.missingLines, 0);
});

test('goes on as a new source where the server forgot lines that are kept nowhere, and says how many', async (context) => {
  const { server, make } = await setUp(context);
  const producer = make();
  producer.start();
  const block = numbers(100).map((text) => text.padEnd(2000, '.'));
  // More than a file of the log, so that the first one is deleted.
  for (let round = 0; round < 50; round += 1) write(producer, block);
  assert.ok(await producer.flush(LONG_MS));
  server.positions.clear();
  write(producer, ['after']);
  assert.ok(await producer.flush(LONG_MS));
  assert.equal(server.lines.at(-1)?.message, 'after');
  const report = await producer.close(LONG_MS);
  assert.ok(report.missingLines > 0 && report.missingLines < 5000);
  assert.equal(new Set(server.requests.map((request) => request.headers['stratal-source'])).size, 3);
});

test('puts a note in the place of a line that the server can never store, and goes on', async (context) => {
  const { server, make } = await setUp(context);
  server.refusesLine = (line) => (line.message.startsWith('bad') ? 'message: is bad' : undefined);
  const producer = make();
  producer.start();
  write(producer, ['a', 'bad 1', 'b', 'bad 2', 'bad 3', 'c']);
  assert.ok(await producer.flush(LONG_MS));
  const messages = server.messages();
  assert.deepEqual([messages[0], messages[2], messages[5]], ['a', 'b', 'c']);
  assert.match(messages[1] ?? '', /could not be stored.*message: is bad/);
  assert.equal(messages.length, 6);
  await producer.close(LONG_MS);
});

test('sends smaller batches where the server, or a proxy, finds them too large', async (context) => {
  const { server, make } = await setUp(context);
  server.intercept = (request) => (request.body.length > 5000 ? { status: 413 } : undefined);
  const producer = make();
  write(producer, numbers(300));
  producer.start();
  assert.ok(await producer.flush(LONG_MS));
  assert.deepEqual(server.messages(), numbers(300));
  await producer.close(LONG_MS);
});

test('compresses large bodies for servers that are not on this machine', async (context) => {
  const { server, make } = await setUp(context);
  const api = new ApiConnection({ url: server.url, compressFromBytes: 1000 });
  const producer = make({ api });
  write(producer, numbers(300));
  producer.start();
  assert.ok(await producer.flush(LONG_MS));
  assert.deepEqual(server.messages(), numbers(300));
  assert.equal(server.requests.filter(isIngest)[0]?.headers['content-encoding'], 'gzip');
  await producer.close(LONG_MS);
  api.close();
});

test('shows the unfinished line of a stream, and stores it when it ends', async (context) => {
  const { server, make } = await setUp(context);
  const producer = make();
  producer.start();
  const stdout = producer.capture('stdout');
  stdout.write(Buffer.from('one\nContinue? '));
  await server.until(() => server.partials.length === 1);
  assert.deepEqual([server.partials[0]?.message, server.messages()], ['Continue? ', ['one']]);
  stdout.write(Buffer.from('[y'));
  await server.until(() => server.partials.length === 2);
  assert.equal(server.partials[1]?.message, 'Continue? [y');
  stdout.write(Buffer.from('/n]\n'));
  stdout.end();
  await producer.close(LONG_MS);
  assert.deepEqual(server.messages(), ['one', 'Continue? [y/n]']);
});

test('never shows an unfinished line before the lines that come first', async (context) => {
  const { server, make } = await setUp(context);
  const producer = make();
  const stdout = producer.capture('stdout');
  stdout.write(
    Buffer.from(
      `${numbers(2000)
        .map((text) => text.padEnd(1000, '.'))
        .join('\n')}\nunfinished`,
    ),
  );
  producer.start();
  await server.until(() => server.partials.length > 0);
  assert.equal(server.lines.length, 2000);
  await producer.close(LONG_MS);
});

test('sends heartbeats while nothing else is sent', async (context) => {
  const { server, make } = await setUp(context);
  const producer = make({ heartbeatMs: 20 });
  producer.start();
  await server.until(() => server.heartbeats >= 3);
  await producer.close(LONG_MS);
});

test('waits for a run that its own producer has not made yet', async (context) => {
  const { server, make } = await setUp(context);
  const task = { id: 'task-1', job_run_id: 'later', task_name: 'test' };
  const producer = make({
    jobRunId: 'later',
    taskRunId: 'task-1',
    setup: [{ method: 'POST', path: '/task-runs', body: task }],
  });
  producer.start();
  write(producer, ['a']);
  await server.until(() => server.requests.length >= 2);
  assert.equal(server.lines.length, 0);
  assert.match(producer.trouble ?? '', /no job run later/);
  server.runs.set('later', {});
  assert.ok(await producer.flush(LONG_MS));
  assert.equal(server.lines[0]?.task_run_id, 'task-1');
  await producer.close(LONG_MS);
});

test('leaves what a silent server never took to the next producer, which delivers it once and before its own end', async (context) => {
  const { server, make, spoolRoot } = await setUp(context);
  server.intercept = (request) => (server.lines.length < 10 ? undefined : isIngest(request) ? 'silent' : undefined);
  const first = make();
  first.start();
  write(first, numbers(10));
  await server.until(() => server.lines.length === 10);
  write(first, numbers(90, 10));
  first.operate(finish);
  const report = await first.close(0);
  assert.equal(report.end, 'waiting');
  assert.ok(report.directory !== undefined && existsSync(report.directory));
  assert.equal(report.lostLines, 0);
  server.intercept = () => undefined;

  const reports: string[] = [];
  const second = make({ onWaitingSpool: (each) => reports.push(each.end) });
  second.operate(finish);
  assert.equal((await second.close(LONG_MS)).end, 'delivered');
  assert.deepEqual(reports, ['delivered']);
  assert.deepEqual(server.messages(), numbers(100));
  assert.deepEqual(readdirSync(spoolRoot), []);
});

test('leaves alone the spools of other servers, and of processes that live', async (context) => {
  const { make, server, spoolRoot } = await setUp(context);
  const other = new ApiConnection({ url: 'http://127.0.0.1:9' });
  const foreign = make({ api: other });
  write(foreign, ['for another server']);
  await foreign.close(0);
  const living = make();
  write(living, ['not mine']);
  const producer = make();
  await producer.close(LONG_MS);
  assert.equal(readdirSync(spoolRoot).length, 2);
  assert.deepEqual(server.messages(), []);
  await living.close(LONG_MS);
  assert.deepEqual(server.messages(), ['not mine']);
});

test('says what was refused for good, and keeps it', async (context) => {
  const { server, make } = await setUp(context);
  server.intercept = () => ({ status: 401, body: { code: 'STRATAL_SIGN_IN', detail: 'Sign in first.' } });
  const producer = make();
  producer.start();
  write(producer, ['a']);
  const report = await producer.close(LONG_MS);
  assert.deepEqual([report.end, report.waitingLines], ['refused', 1]);
  assert.match(report.trouble ?? '', /401: Sign in first/);
});

test('goes on after a finish that the server refuses, and says so', async (context) => {
  const { server, make } = await setUp(context);
  const conflict = { code: 'STRATAL_STATUS_CONFLICT', detail: 'Job run run-1 is canceled.' };
  server.intercept = (request) => (request.method === 'PATCH' ? { status: 409, body: conflict } : undefined);
  const producer = make();
  producer.operate(finish);
  const report = await producer.close(LONG_MS);
  assert.equal(report.end, 'delivered');
  assert.match(report.notices.join(), /is canceled/);
});

test('does not take another server for Stratal because it answers 200', async (context) => {
  const { server, make } = await setUp(context);
  server.intercept = (request) => (isIngest(request) ? { status: 200, body: 'Welcome' } : undefined);
  const producer = make();
  producer.start();
  write(producer, ['a']);
  await server.until(() => server.requests.filter(isIngest).length >= 2);
  server.intercept = () => undefined;
  assert.ok(await producer.flush(LONG_MS));
  assert.deepEqual(server.messages(), ['a']);
  await producer.close(LONG_MS);
});

test('without a folder it holds a bounded memory, counts what has no room, and says so where it is missing', async (context) => {
  const { server, make, spoolRoot } = await setUp(context);
  const notAFolder = join(spoolRoot, 'a-file');
  writeFileSync(notAFolder, '');
  const producer = make({ spoolRoot: notAFolder, memoryBytesMax: 100_000 });
  for (const text of numbers(5000)) write(producer, [text]);
  const { droppedLines } = producer;
  assert.ok(droppedLines > 3000 && droppedLines < 5000);
  producer.start();
  assert.ok(await producer.flush(LONG_MS));
  write(producer, ['room again']);
  const report = await producer.close(LONG_MS);
  assert.deepEqual([report.end, report.lostLines], ['delivered', droppedLines]);
  assert.deepEqual(server.messages(), [...numbers(5000 - droppedLines), 'room again']);
  assert.deepEqual(server.lines.at(-1)?.attributes, { dropped_lines: droppedLines });
});

test('writes no token into the spool, and lets nobody else read it', async (context) => {
  const { make, spoolRoot } = await setUp(context);
  const producer = make({ api: new ApiConnection({ url: 'http://127.0.0.1:9', token: 'secret-token' }) });
  write(producer, ['a']);
  const { directory = '' } = await producer.close(0);
  for (const name of readdirSync(directory)) {
    assert.ok(!readFileSync(join(directory, name), 'utf8').includes('secret-token'));
  }
  assert.equal(readdirSync(spoolRoot).length, 1);
});
