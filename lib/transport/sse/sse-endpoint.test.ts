import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { EventSource } from 'eventsource';
import { numbered } from '@/lib/feed/testing/log-writer';
import { PROBLEM_TYPE, problemSchema } from '@/lib/protocol/problem';
import { readSse, streamUrl } from '@/lib/transport/testing/clients';
import { range, untilNoStreams, untilTrue, useTestServers } from '@/lib/transport/testing/test-fixture';

const { start, newRunId } = useTestServers();

test('answers with the same bytes on Node’s response and as a web Response', async () => {
  const [direct, handler] = [await start({ sse: 'direct' }), await start({ sse: 'handler' })];
  const run = await direct.writer.createRun(newRunId());
  await direct.writer.lines(run, [...numbered('line', 3000), 'ü€😀\n\u001b[31mred']);
  await direct.writer.finish(run);
  for (const query of [{}, { tail: 5 }, { after: 7, filter: { q: 'line 1' } }, { after: 99_999 }]) {
    const answers = [];
    for (const server of [direct, handler]) {
      const response = await fetch(streamUrl(server.url, 'sse', { job_run_id: run.id, ...query }));
      const headers = Object.fromEntries(
        ['content-type', 'cache-control', 'x-accel-buffering'].map((name) => [name, response.headers.get(name)]),
      );
      answers.push({ status: response.status, headers, text: await response.text() });
    }
    assert.deepEqual(answers[1], answers[0]);
    assert.deepEqual(answers[0]?.headers, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    assert.match(answers[0]?.text ?? '', /^retry: \d+\n: {1024,}\n\n/);
  }
});

test('a stream behind another answer of its connection, or of HTTP/1.0, has the same events', async () => {
  const server = await start({});
  const run = await server.writer.createRun(newRunId());
  await server.writer.lines(run, [...numbered('line', 50), 'ü€😀']);
  await server.writer.finish(run);
  const { host, pathname, search } = new URL(streamUrl(server.url, 'sse', { job_run_id: run.id }));
  const expected = await (await fetch(`http://${host}${pathname}${search}`)).text();
  const stream = (version: string) => `GET ${pathname}${search} HTTP/${version}\r\nHost: ${host}\r\n`;
  const plain = await exchange(host, `${stream('1.0')}\r\n`);
  assert.equal(plain.slice(plain.indexOf('\r\n\r\n') + 4), expected);

  const both = `${stream('1.1')}\r\n${stream('1.1')}Connection: close\r\n\r\n`;
  const heads = (await exchange(host, both)).split('HTTP/1.1 200 OK\r\n').slice(1);
  assert.equal(heads.length, 2);
  for (const answer of heads) {
    assert.match(answer, /transfer-encoding: chunked/i);
    assert.equal(dechunked(answer.slice(answer.indexOf('\r\n\r\n') + 4)), expected);
  }
});

test('streams that wait behind another on their connection are freed with it', async () => {
  const server = await start({});
  const run = await server.writer.createRun(newRunId());
  const { host, hostname, port, pathname, search } = new URL(streamUrl(server.url, 'sse', { job_run_id: run.id }));
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(20));
  let text = '';
  while (!text.includes('event: log')) text += (await once(socket, 'data'))[0];
  const { jobs } = server.transports.status().connections;
  assert.deepEqual(
    Object.values(jobs).map(({ sse }) => sse),
    [1],
    'one has the connection, the others wait',
  );
  socket.destroy();
  await untilNoStreams(server);
});

/** All that a server sends to these bytes until it closes. */
async function exchange(host: string, request: string): Promise<string> {
  const { hostname, port } = new URL(`http://${host}`);
  const socket = connect(Number(port), hostname);
  socket.write(request);
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** A body without its chunks (RFC 9112 §7.1). */
function dechunked(text: string): string {
  let rest = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (;;) {
    const end = rest.indexOf('\r\n');
    const length = Number.parseInt(rest.toString('latin1', 0, end), 16);
    if (length === 0) return Buffer.concat(pieces).toString();
    pieces.push(rest.subarray(end + 2, end + 2 + length));
    assert.equal(rest.toString('latin1', end + 2 + length, end + 4 + length), '\r\n');
    rest = rest.subarray(end + 4 + length);
  }
}

test('every event carries an id', async () => {
  const server = await start({});
  const run = await server.writer.createRun(newRunId());
  await server.writer.finish(run);
  const text = await (await fetch(streamUrl(server.url, 'sse', { job_run_id: run.id }))).text();
  const events = text.split('\n\n').filter((block) => block.includes('event:'));
  assert.equal(events.length, 4);
  for (const event of events) assert.match(event, /^id: \S+\nevent: (connected|log|run-end)\ndata: \{.*\}$/);
});

for (const sse of ['direct', 'handler'] as const) {
  test(`EventSource comes back by itself and misses nothing: ${sse}`, async () => {
    const server = await start({ sse });
    const run = await server.writer.createRun(newRunId());
    const source = new EventSource(streamUrl(server.url, 'sse', { job_run_id: run.id, tail: 1 }));
    const ids: number[] = [];
    let tell = () => {};
    source.addEventListener('log', (event) => {
      ids.push(JSON.parse(event.data).id);
      tell();
    });
    const untilIds = async (count: number) => {
      while (ids.length < count) {
        await new Promise<void>((resolve) => {
          tell = resolve;
        });
      }
    };
    await untilIds(1);
    await server.writer.lines(run, numbered('before', 10));
    await untilIds(11);
    for (const socket of server.sockets) socket.destroy();
    await server.writer.lines(run, numbered('after', 10));
    await untilIds(21);
    assert.deepEqual(ids, range(1, 21));
    // At the run-end it is told to stop, with 204 to its next attempt.
    const stopped = new Promise<number | undefined>((resolve) => {
      source.addEventListener('error', (event) => {
        if (source.readyState === source.CLOSED) resolve(event.code);
      });
    });
    await server.writer.finish(run);
    assert.equal(await stopped, 204);
    assert.deepEqual(ids, range(1, 22));
  });
}

test('Last-Event-ID beats after, and after beats tail', async () => {
  const server = await start({});
  const run = await server.writer.createRun(newRunId());
  await server.writer.lines(run, numbered('line', 9));
  await server.writer.finish(run);
  const url = streamUrl(server.url, 'sse', { job_run_id: run.id, after: 3, tail: 1 });
  const idsOf = async (headers: Record<string, string>) => {
    const text = await (await fetch(url, { headers })).text();
    return [...text.matchAll(/"id":(\d+)/g)].map(([, id]) => Number(id));
  };
  const cursor = `${server.store.epoch}-r${run.key}.8`;
  assert.deepEqual(await idsOf({ 'last-event-id': cursor }), [9, 10, 11]);
  assert.deepEqual(await idsOf({}), range(4, 11));
});

test('refuses with a status and a problem object', async () => {
  for (const sse of ['direct', 'handler'] as const) {
    const server = await start({ sse });
    const run = await server.writer.createRun(newRunId());
    const problemOf = async (query: object, headers: Record<string, string> = {}) => {
      const response = await fetch(streamUrl(server.url, 'sse', query), { headers });
      assert.equal(response.headers.get('content-type'), PROBLEM_TYPE);
      const problem = problemSchema.parse(await response.json());
      assert.equal(problem.status, response.status);
      return `${response.status} ${problem.code}`;
    };
    const job = { job_run_id: run.id };
    assert.equal(await problemOf({ job_run_id: 'nobody' }), '404 STRATAL_NO_RUN');
    assert.equal(await problemOf({ ...job, after: 'nonsense' }), '400 STRATAL_BAD_CURSOR');
    assert.equal(await problemOf(job, { 'last-event-id': '5' }), '400 STRATAL_BAD_CURSOR');
    assert.equal(await problemOf({ ...job, tail: 'x' }), '400 STRATAL_BAD_PARAMETER');
    assert.equal(await problemOf({ ...job, partial: 'yes' }), '400 STRATAL_BAD_PARAMETER');
    assert.equal(await problemOf({ ...job, filter: { q: '/(/' } }), '400 STRATAL_BAD_FILTER');
    assert.equal(await problemOf({}, { origin: 'http://evil.example' }), '403 STRATAL_ORIGIN_REFUSED');
  }
});

test('frees a stream whose client has left, on both of its paths', async () => {
  for (const sse of ['direct', 'handler'] as const) {
    const server = await start({ sse });
    const run = await server.writer.createRun(newRunId());
    for (let round = 0; round < 5; round++) {
      const reader = await readSse(server.url, { job_run_id: run.id }).untilLines(1);
      reader.drop();
    }
    const left = new AbortController();
    const leaving = fetch(streamUrl(server.url, 'sse', {}), { signal: left.signal }).catch(() => undefined);
    left.abort();
    await leaving;
    await untilNoStreams(server);
    assert.equal(server.feed.runs.size, 0);
  }
});

test('answers HEAD with the headers alone', async () => {
  for (const sse of ['direct', 'handler'] as const) {
    const server = await start({ sse });
    const run = await server.writer.createRun(newRunId());
    const response = await fetch(streamUrl(server.url, 'sse', { job_run_id: run.id }), { method: 'HEAD' });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    await untilNoStreams(server);
  }
});

test('shows a line to readers only once the store has it', async () => {
  const server = await start({});
  const other = await start({});
  const run = await server.writer.createRun(newRunId());
  const source = new EventSource(streamUrl(server.url, 'sse', { job_run_id: run.id, after: 1 }));
  const checks: Array<Promise<boolean>> = [];
  source.addEventListener('log', (event) => {
    const { id } = JSON.parse(event.data);
    checks.push(other.store.runHead(run.id).then((head) => (head?.lastLine ?? 0) >= id));
  });
  await once(source, 'open');
  const writing = Promise.all(range(1, 20).map((number) => server.writer.lines(run, [`line ${number}`])));
  await untilTrue(() => checks.length === 20);
  assert.deepEqual(await Promise.all(checks), Array<boolean>(20).fill(true));
  await writing;
  source.close();
});
