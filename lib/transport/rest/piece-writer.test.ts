import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { pieceWriter } from './piece-writer';

function piecesOf(sizes: readonly number[]): Uint8Array[] {
  return sizes.map((size, index) => new Uint8Array(new ArrayBuffer(size)).fill(index + 1));
}

test('passes every byte on, and gives back the memory of what was taken', async () => {
  const pieces = piecesOf([100_000, 70_000, 200_000]);
  const expected = Buffer.concat(pieces);
  const taken: Buffer[] = [];
  const held: number[] = [];
  const slow = new Writable({
    highWaterMark: 1,
    write(piece: Buffer, _encoding, callback) {
      setImmediate(() => {
        taken.push(Buffer.from(piece));
        held.push(pieces.filter(({ byteLength }) => byteLength > 0).length);
        callback();
      });
    },
  });
  await pipeline(Readable.from(pieces, { objectMode: false }), pieceWriter(slow));
  assert.ok(Buffer.concat(taken).equals(expected));
  assert.ok(slow.writableFinished);
  assert.deepEqual(held, [3, 2, 1]);
  assert.deepEqual(
    pieces.map(({ byteLength }) => byteLength),
    [0, 0, 0],
  );
});

test('leaves memory alone that others share', async () => {
  const text = Buffer.from('small');
  const pool = text.buffer;
  await pipeline(
    Readable.from([text], { objectMode: false }),
    pieceWriter(new Writable({ write: (_p, _e, done) => done() })),
  );
  assert.equal(text.toString(), 'small');
  assert.notEqual(pool.byteLength, 0);
});

test('ends with the error of the stream that it writes to', async () => {
  const broken = new Writable({ write: (_piece, _encoding, callback) => callback(new Error('reader left')) });
  broken.on('error', () => {});
  await assert.rejects(
    pipeline(Readable.from(piecesOf([20_000]), { objectMode: false }), pieceWriter(broken)),
    /reader left/,
  );
  assert.ok(broken.destroyed);
});

test('ends with its reader, wherever that leaves', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  for (const leave of ['reset', 'end', 'before the first piece'] as const) {
    const client = connect(address.port, '127.0.0.1');
    client.on('error', () => {});
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const response = await new Promise<ServerResponse>((resolve) => {
      server.once('request', (_request: IncomingMessage, answer: ServerResponse) => resolve(answer));
    });
    const closed = new AbortController();
    const body = new Readable({
      read() {
        if (leave !== 'before the first piece') this.push(new Uint8Array(new ArrayBuffer(1_000_000)));
      },
      destroy(error, callback) {
        closed.abort();
        callback(error);
      },
    });
    const done = pipeline(body, pieceWriter(response));
    if (leave === 'end') client.resume().end();
    else {
      // What it does not take is in flight when it leaves.
      if (leave === 'reset') await once(client.pause(), 'readable');
      client.resetAndDestroy();
    }
    await assert.rejects(done, leave);
    assert.ok(closed.signal.aborted, leave);
  }
  server.close();
});
