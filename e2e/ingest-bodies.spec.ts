import { gzipSync } from 'node:zlib';
import { expect } from '@playwright/test';
import { type Answer, type ApiClient, freshId, toNdjson } from './api-client';
import { expectProblem, test } from './api-test';

/** What an ingest body may be, and what its lines become. */

const post = (
  api: ApiClient,
  run: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> => api.call('POST', `job-runs/${run}/logs`, { headers, body });

/** The stored line that one sent line becomes. */
async function stored(api: ApiClient, line: Record<string, unknown>): Promise<unknown> {
  const run = freshId();
  const answer = await api.lines(run, [line]);
  expect(answer.status, answer.text).toBe(200);
  return (await api.get(`logs/job-runs/${run}`)).json('logs.0');
}

test('one object, an array and NDJSON are taken, under each of their types', async ({ api }) => {
  const object = '{\n  "message": "one"\n}';
  const array = ' [ {"message":"one"},\n{"message":"two"} ] ';
  const ndjson = '{"message":"one"}\r\n\n  \n{"message":"two"}';
  const bodies: Array<[string, string | undefined, number]> = [
    [object, 'application/json', 1],
    [object, 'application/json; charset=utf-8', 1],
    [object, undefined, 1],
    [array, 'Application/JSON', 2],
    [array, 'application/x-www-form-urlencoded', 2],
    [ndjson, 'application/x-ndjson', 2],
    [ndjson, 'application/ndjson', 2],
    [ndjson, 'application/jsonl', 2],
    [ndjson, 'application/json', 2],
    [ndjson, undefined, 2],
    [ndjson, 'application/x-www-form-urlencoded', 2],
    ['[]', undefined, 0],
    ['', 'application/x-ndjson', 0],
  ];
  for (const [body, type, count] of bodies) {
    const run = freshId();
    const answer = await post(api, run, body, type === undefined ? {} : { 'content-type': type });
    expect([answer.status, answer.json()], `${type} ${body}`).toEqual([
      200,
      { accepted: count, skipped: 0, next: null, job_run_ids: count === 0 ? [] : [run] },
    ]);
    if (count > 0) expect(await api.messages(run)).toEqual(['one', 'two'].slice(0, count));
  }
});

test('other media types and encodings are 415 and store nothing', async ({ api }) => {
  const run = freshId();
  for (const type of [
    'text/plain',
    'text/json',
    'multipart/form-data; boundary=x',
    'application/json; charset=latin1',
  ]) {
    expectProblem(await post(api, run, '{"message":"x"}', { 'content-type': type }), 415, 'STRATAL_MEDIA_TYPE', {
      accepted: 0,
      next: null,
    });
  }
  for (const encoding of ['br', 'deflate', 'gzip, gzip']) {
    expectProblem(await post(api, run, '{"message":"x"}', { 'content-encoding': encoding }), 415, 'STRATAL_MEDIA_TYPE');
  }
  expectProblem(await api.get(`job-runs/${run}`), 404, 'STRATAL_NO_RUN');
});

test('gzip bodies are taken; broken ones store the lines before the break', async ({ api }) => {
  const run = freshId();
  const body = gzipSync(toNdjson(['one', 'two']));
  expect((await post(api, run, body, { 'content-encoding': 'gzip' })).json('accepted')).toBe(2);
  expect((await post(api, run, Buffer.concat([body, body]), { 'content-encoding': 'GZIP' })).json('accepted')).toBe(4);
  const cut = await post(api, run, body.subarray(0, -4), { 'content-encoding': 'gzip' });
  expectProblem(cut, 400, 'STRATAL_INGEST_CUT', { accepted: 2, line: 3 });
  expectProblem(await post(api, run, 'no gzip', { 'content-encoding': 'gzip' }), 400, 'STRATAL_BAD_BODY', {
    accepted: 0,
    line: 1,
  });
  expect(await api.messages(run)).toHaveLength(8);
});

test('runs are named by URL, header or line; more than one way must agree', async ({ api }) => {
  const [a, b] = [freshId('a'), freshId('b')];
  const mixed = await api.call('POST', 'logs', {
    body: toNdjson([
      { message: '1', job_run_id: b },
      { message: '2', job_run_id: a },
      { message: '3', job_run_id: b },
    ]),
  });
  expect(mixed.json()).toEqual({ accepted: 3, skipped: 0, next: null, job_run_ids: [b, a] });
  const byHeader = await api.call('POST', 'logs', { headers: { 'stratal-job-run': a }, body: '{"message":"4"}' });
  expect(byHeader.json('job_run_ids')).toEqual([a]);
  expect((await post(api, a, JSON.stringify({ message: '5', job_run_id: a }), { 'stratal-job-run': a })).status).toBe(
    200,
  );
  expect([await api.messages(a), await api.messages(b)]).toEqual([
    ['2', '4', '5'],
    ['1', '3'],
  ]);

  const foreign = await post(api, a, toNdjson(['6', { message: '7', job_run_id: b }, '8']));
  expectProblem(foreign, 400, 'STRATAL_INGEST_LINE', { line: 2, field: 'job_run_id', accepted: 1, next: null });
  expectProblem(await api.call('POST', 'logs', { body: '{"message":"x"}' }), 400, 'STRATAL_INGEST_LINE', {
    line: 1,
    field: 'job_run_id',
    accepted: 0,
  });
  expectProblem(await post(api, a, '{"message":"x"}', { 'stratal-job-run': b }), 400, 'STRATAL_BAD_PARAMETER', {
    field: 'Stratal-Job-Run',
    accepted: 0,
    next: null,
  });
  expectProblem(
    await api.call('POST', 'logs', { headers: { 'stratal-job-run': 'a b' }, body: '' }),
    400,
    'STRATAL_BAD_PARAMETER',
    { field: 'Stratal-Job-Run' },
  );
  expectProblem(await post(api, '-bad', '{"message":"x"}'), 400, 'STRATAL_BAD_PARAMETER', { field: 'job_run_id' });
  expectProblem(await api.lines(a, [{ message: 'x', task_run_id: 'b d' }]), 400, 'STRATAL_INGEST_LINE', {
    line: 1,
    field: 'task_run_id',
  });
  expect(await api.messages(a)).toEqual(['2', '4', '5', '6']);
});

test('tasks are named by id, by name alone, or by headers', async ({ api }) => {
  const [run, task] = [freshId(), freshId('task')];
  const taskOf = async (line: Record<string, unknown>, headers: Record<string, string> = {}) => {
    expect((await api.lines(run, [line], headers)).status).toBe(200);
    const tail = await api.get(`logs/job-runs/${run}?tail=1`);
    const id = tail.json('logs.0.task_run_id');
    return id === undefined
      ? undefined
      : [id, tail.json('logs.0.task_name'), (await api.get(`task-runs/${id}`)).json('attempt')];
  };
  expect(await taskOf({ message: 'x' })).toBeUndefined();
  expect(await taskOf({ message: 'x', task_run_id: task, task_name: 'build' })).toEqual([task, 'build', 1]);
  expect(await taskOf({ message: 'x', task_name: 'build' })).toEqual([task, 'build', 1]);
  const retry = `${task}.2`;
  expect(await taskOf({ message: 'x', task_run_id: retry, task_name: 'build' })).toEqual([retry, 'build', 2]);
  expect(await taskOf({ message: 'x', task_name: 'build' })).toEqual([retry, 'build', 2]);
  expect(await taskOf({ message: 'x' }, { 'stratal-task-run': task })).toEqual([task, 'build', 1]);
  const umlaut = Buffer.from('Prüfung').toString('latin1');
  expect(await taskOf({ message: 'x' }, { 'stratal-task-name': umlaut })).toEqual([expect.any(String), 'Prüfung', 1]);
  expect(await taskOf({ message: 'x', task_run_id: `${task}.x` })).toEqual([`${task}.x`, `${task}.x`, 1]);

  const other = freshId();
  const refused = await api.lines(other, ['one', { message: 'two', task_run_id: task }, 'three']);
  expectProblem(refused, 400, 'STRATAL_BAD_PARAMETER', { field: 'task_run_id', line: 2, accepted: 1, next: null });
  expectProblem(await api.lines(other, ['x'], { 'stratal-task-run': task }), 400, 'STRATAL_BAD_PARAMETER', {
    field: 'task_run_id',
    line: 1,
  });
  expectProblem(
    await api.lines(other, [{ message: 'x', task_run_id: task, partial: true }]),
    400,
    'STRATAL_BAD_PARAMETER',
    { line: 1 },
  );
  expect(await api.messages(other)).toEqual(['one']);
});

test('levels are read in the names and numbers that loggers use', async ({ api }) => {
  const levels: Record<string, unknown[]> = {
    debug: ['debug', 'TRACE', 'verbose', 'silly', 10, 20],
    info: ['info', 'Notice', 'http', 30],
    warn: ['warn', 'WARNING', 40],
    error: ['error', 'err', 'fatal', 'critical', 'crit', 'alert', 'emerg', 'panic', 50, 60],
  };
  for (const [level, names] of Object.entries(levels)) {
    const run = freshId();
    await api.lines(
      run,
      names.map((name) => ({ message: 'x', level: name })),
    );
    expect((await api.get(`logs/job-runs/${run}`)).column('logs', 'level')).toEqual(names.map(() => level));
  }
  for (const level of ['loud', 35.5, true, {}]) {
    expectProblem(await api.lines(freshId(), [{ message: 'x', level }]), 400, 'STRATAL_INGEST_LINE', {
      line: 1,
      field: 'level',
    });
  }
});

test('times are RFC 3339 or milliseconds, to the microsecond', async ({ api }) => {
  for (const [time, expected] of [
    ['2024-01-15T10:30:45Z', '2024-01-15T10:30:45.000Z'],
    ['2024-01-15T10:30:45.1234567+02:00', '2024-01-15T08:30:45.123456Z'],
    ['2024-01-15t10:30:45.100z', '2024-01-15T10:30:45.100Z'],
    [1705314645123, '2024-01-15T10:30:45.123Z'],
    [1705314645123.5, '2024-01-15T10:30:45.123500Z'],
    [0, '1970-01-01T00:00:00.000Z'],
  ]) {
    expect(await stored(api, { message: 'x', timestamp: time })).toMatchObject({ timestamp: expected });
    expect(await stored(api, { message: 'x', time })).toMatchObject({ timestamp: expected });
  }
  for (const timestamp of ['yesterday', '2024-02-30T00:00:00Z', '2024-01-15', -1, 1e15, true]) {
    expectProblem(await api.lines(freshId(), [{ message: 'x', timestamp }]), 400, 'STRATAL_INGEST_LINE', {
      line: 1,
      field: 'timestamp',
    });
  }
  const before = Date.now();
  const now = await stored(api, { message: 'x' });
  const at = Date.parse(String(Object(now).timestamp));
  expect(at).toBeGreaterThanOrEqual(before);
  expect(at).toBeLessThanOrEqual(Date.now());
});

test('a line has a message, which may be empty or have rows; msg stands for it', async ({ api }) => {
  expect(await stored(api, { message: '' })).toMatchObject({ message: '', stream: 'stdout', level: 'info' });
  expect(await stored(api, { msg: 'a\nb\r\n' })).toMatchObject({ message: 'a\nb\r\n' });
  expect(await stored(api, { message: 'a', msg: 'b' })).toMatchObject({ message: 'a', attributes: { msg: 'b' } });
  expect(await stored(api, { message: '{"json":true}' })).toMatchObject({ message: '{"json":true}' });
  for (const [line, field] of [
    [{}, 'message'],
    [{ message: 1 }, 'message'],
    [{ msg: {} }, 'msg'],
    [{ message: 'x', stream: 'stdin' }, 'stream'],
    [{ message: 'x', task_name: '' }, 'task_name'],
    [{ message: 'x', continues: 'yes' }, 'continues'],
    [{ message: 'x', attributes: 'no' }, 'attributes'],
  ] as const) {
    expectProblem(await api.lines(freshId(), [line]), 400, 'STRATAL_INGEST_LINE', { line: 1, field });
  }
  for (const body of ['nonsense', '"text"', '7', 'null', '[1]']) {
    expectProblem(await post(api, freshId(), body), 400, 'STRATAL_INGEST_LINE', { line: 1 });
  }
});

test("pino's and winston's lines are understood; what is not a line's field becomes an attribute", async ({ api }) => {
  const pino = {
    level: 50,
    time: 1705314645123,
    pid: 7,
    hostname: 'h',
    req: { id: 1, tags: ['a', { b: null }] },
    msg: 'failed',
  };
  expect(await stored(api, pino)).toMatchObject({
    message: 'failed',
    level: 'error',
    timestamp: '2024-01-15T10:30:45.123Z',
    attributes: { pid: 7, hostname: 'h', 'req.id': 1, 'req.tags.0': 'a', 'req.tags.1.b': null },
  });
  const winston = {
    level: 'warn',
    message: 'slow',
    timestamp: '2024-01-15T10:30:45.123Z',
    service: 'api',
    attributes: { service: 'first', 'a.b': 1 },
  };
  expect(await stored(api, winston)).toMatchObject({ level: 'warn', attributes: { service: 'first', 'a.b': 1 } });
  expect(await stored(api, { message: 'x' })).not.toHaveProperty('attributes');
  const large = { message: 'x', a: 'y'.repeat(8 * 1024) };
  expectProblem(await api.lines(freshId(), [large]), 400, 'STRATAL_INGEST_LINE', { line: 1, field: 'attributes' });
});

test('what no text can hold is replaced, and counted on the run', async ({ api }) => {
  const run = freshId();
  const bytes = Buffer.concat([
    Buffer.from('{"message":"a'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('b"}\n{"message":"c\\u0000d \\ud800 \\u001b[1m"}\n'),
  ]);
  expect((await post(api, run, bytes, { 'content-type': 'application/x-ndjson' })).json('accepted')).toBe(2);
  expect(await api.messages(run)).toEqual(['a\ufffd\ufffdb', 'cd \ufffd \u001b[1m']);
  expect((await api.get(`job-runs/${run}`)).json('replaced_count')).toBe(4);
});

test('a partial line is neither stored nor counted, and is the last one', async ({ api }) => {
  const run = freshId();
  const answer = await api.lines(run, ['one', { message: '50 %', partial: true }]);
  expect(answer.json()).toEqual({ accepted: 1, skipped: 0, next: null, job_run_ids: [run] });
  expect(await api.messages(run)).toEqual(['one']);
  const early = await api.lines(run, [{ message: '60 %', partial: true }, 'two']);
  expectProblem(early, 400, 'STRATAL_INGEST_LINE', { line: 1, field: 'partial', accepted: 0 });
  expect(await api.messages(run)).toEqual(['one']);
});

test('a line over 128 KiB is split into parts that say so, and counts once as sent', async ({ api }) => {
  const run = freshId();
  const long = `${'ä'.repeat(100_000)}${'x'.repeat(100_000)}`;
  const answer = await api.lines(run, ['before', { message: long, attributes: { a: 1 }, continues: true }, 'after']);
  expect(answer.json('accepted')).toBe(3);
  const page = await api.get(`logs/job-runs/${run}`);
  const parts = page.column('logs', 'message').slice(1, -1).map(String);
  expect(parts.join('')).toBe(long);
  expect(Math.max(...parts.map((part) => Buffer.byteLength(part)))).toBeLessThanOrEqual(128 * 1024);
  expect(parts).toHaveLength(3);
  expect(page.column('logs', 'continues')).toEqual([undefined, true, true, true, undefined]);
  expect(page.column('logs', 'attributes')).toEqual([undefined, { a: 1 }, undefined, undefined, undefined]);
  expect((await api.get(`job-runs/${run}`)).json()).toMatchObject({ line_count: 5, byte_count: 300_000 + 11 });
});

test('a line over 16 MiB is 413 and names itself', async ({ api }) => {
  const run = freshId();
  const huge = { message: 'x'.repeat(16 * 1024 * 1024) };
  expectProblem(await api.lines(run, ['one', huge, 'three']), 413, 'STRATAL_TOO_LARGE', {
    line: 2,
    accepted: 1,
    next: null,
  });
  expectProblem(await post(api, run, JSON.stringify([huge])), 413, 'STRATAL_TOO_LARGE', { line: 1, accepted: 0 });
  expect(await api.messages(run)).toEqual(['one']);
});
