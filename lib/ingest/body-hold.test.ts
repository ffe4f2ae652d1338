import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { INGEST_LINE_IDLE_MS, INGEST_PENDING_BYTES_MAX } from '@/lib/config/limits';
import { isStratalError } from '@/lib/errors/stratal-error';
import { ManualClock } from '@/lib/feed/testing/manual-clock';
import { openTestStore, type TestStore } from '@/lib/store/testing/test-store';
import { AppendQueue } from './append-queue';
import { IngestLoad } from './ingest-load';
import { ingestLogs } from './ingest-logs';
import { parseIngestRequest } from './ingest-request';
import { LineTargets } from './line-targets';

const MIB = 1024 * 1024;
const SOURCE = '00000000-0000-4000-8000-0000000000';

describe('a body over HTTP', () => {
  let store: TestStore;
  let load = new IngestLoad();
  let clock = new ManualClock();
  let commits = 0;
  const server = createServer(async (request, response) => {
    const header = (name: string) => request.headers[name]?.toString();
    const { 'content-type': contentType, 'content-encoding': contentEncoding } = request.headers;
    const queue = new AppendQueue(store.store, () => commits++);
    const targets = new LineTargets(store.store);
    const context = { queue, targets, load, clock, admit: async () => () => {}, relayPartial: () => {} };
    const body = request.iterator({ destroyOnReturn: false });
    try {
      const result = await ingestLogs(context, parseIngestRequest(header, 'held'), {
        body,
        contentType,
        contentEncoding,
      });
      response.end(JSON.stringify(result));
    } catch (error) {
      assert.ok(isStratalError(error));
      response.writeHead(error.status, { Connection: 'close' }).end(JSON.stringify(error.toProblem()));
    }
  });
  before(async () => {
    store = await openTestStore();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await store.close();
  });
  beforeEach(() => {
    load = new IngestLoad();
    clock = new ManualClock();
    commits = 0;
  });

  let sources = 0;

  /** Begins a body in chunks; `answer` is the object that it is answered with. */
  function begin(fields: Record<string, string> = {}) {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const headers = {
      Host: 'localhost',
      'Content-Type': 'application/x-ndjson',
      'Transfer-Encoding': 'chunked',
      'Stratal-Source': `${SOURCE}${String(++sources).padStart(2, '0')}`,
      'Stratal-Position': '0',
      ...fields,
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`POST / HTTP/1.1\r\n${lines.join('')}\r\n`);
    return { send: (bytes: string | Buffer) => sendChunk(socket, bytes), answer: answerOf(socket) };
  }

  const untilTrue = async (condition: () => boolean) => {
    while (!condition()) await setImmediate();
  };

  for (const type of ['application/x-ndjson', 'application/json'])
    test(`of ${type} that stops inside a line is ended after a while, and told what was stored`, async () => {
      const { send, answer } = begin({ 'Content-Type': type });
      send('{"message":"a"}\n{"message":"b"}\n{"message":"half');
      await untilTrue(() => load.pendingBytes > 0 && clock.pending > 0);
      clock.advance(INGEST_LINE_IDLE_MS - 1);
      send(' of');
      await untilTrue(() => load.pendingBytes > '{"message":"half'.length && clock.pending > 0);
      clock.advance(INGEST_LINE_IDLE_MS - 1);
      assert.ok(load.pendingBytes > 0);
      clock.advance(1);
      const { code, status, accepted, next, line } = await answer;
      assert.deepEqual(
        { code, status, accepted, next, line },
        { code: 'STRATAL_INGEST_CUT', status: 400, accepted: 2, next: 2, line: 3 },
      );
      assert.deepEqual([load.pendingBytes, load.heldBytes, clock.pending], [0, 0, 0]);
    });

  test('that stops inside its first line, or inside what follows it in an array, is ended as well', async () => {
    for (const beginning of ['{"message":', ' [{"message":"a"},{"mess']) {
      const { send, answer } = begin({ 'Content-Type': 'application/json' });
      send(beginning);
      await untilTrue(() => load.pendingBytes > 0 && clock.pending > 0);
      clock.advance(INGEST_LINE_IDLE_MS);
      assert.equal((await answer).code, 'STRATAL_INGEST_CUT');
    }
  });

  test('rests between lines as long as it likes', async () => {
    const { send, answer } = begin();
    send('{"message":"a"}\n');
    await untilTrue(() => commits === 1);
    assert.equal(clock.pending, 0);
    clock.advance(100 * INGEST_LINE_IDLE_MS);
    send('{"message":"b"}\n');
    send('');
    assert.equal((await answer).accepted, 2);
  });

  test('gives way where all hold too much of unended lines, the oldest first and no short one', async () => {
    const short = begin();
    short.send(`{"message":"${'x'.repeat(1000)}`);
    await untilTrue(() => load.pendingBytes > 1000);
    const bodies = [];
    for (let body = 0; body < 6; body++) {
      const long = begin({ 'Content-Encoding': 'gzip' });
      const whole = gzipSync(`{"message":"first"}\n{"message":"${'x'.repeat(15 * MIB)}"}\n`);
      long.send(whole.subarray(0, -12));
      const before = load.pendingBytes;
      bodies.push({ ...long, rest: whole.subarray(-12) });
      if (body < 4) await untilTrue(() => load.pendingBytes > before + 14 * MIB);
    }
    for (const { answer } of bodies.splice(0, 2)) {
      const { code, status, accepted, next } = await answer;
      assert.deepEqual([code, status, accepted, next], ['STRATAL_INGEST_BUSY', 503, 1, 1]);
    }
    assert.ok(load.pendingBytes <= INGEST_PENDING_BYTES_MAX);
    for (const { send, rest } of bodies) {
      send(rest);
      send('');
    }
    short.send('"}');
    short.send('');
    assert.equal((await short.answer).accepted, 1);
    for (const { answer } of bodies) assert.equal((await answer).accepted, 2);
    assert.deepEqual([load.pendingBytes, load.heldBytes], [0, 0]);
  });
});

function sendChunk(socket: Socket, bytes: string | Buffer): void {
  socket.write(`${bytes.length.toString(16)}\r\n`);
  socket.write(bytes);
  socket.write('\r\n');
}

async function answerOf(socket: Socket): Promise<Record<string, unknown>> {
  let text = '';
  for await (const piece of socket.setEncoding('utf8')) {
    text += piece;
    const json = /\{.*\}/s.exec(text)?.[0];
    if (json) return JSON.parse(json);
  }
  throw new Error(`no answer: ${text}`);
}
