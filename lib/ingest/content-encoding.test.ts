import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGzip, gzipSync } from 'node:zlib';
import type { ErrorCode } from '@/lib/errors/catalogue';
import { isStratalError } from '@/lib/errors/stratal-error';
import { decodeContent } from './content-encoding';

async function* inPieces(bytes: Buffer, size = 1000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function readAll(chunks: AsyncIterable<Buffer>): Promise<{ bytes: Buffer; code: ErrorCode | undefined }> {
  const read: Buffer[] = [];
  let code: ErrorCode | undefined;
  try {
    for await (const chunk of chunks) read.push(chunk);
  } catch (error) {
    assert.ok(isStratalError(error), String(error));
    code = error.code;
  }
  return { bytes: Buffer.concat(read), code };
}

const text = Buffer.from('line of text\n'.repeat(50_000));
const noise = randomBytes(100_000);

it('no encoding passes the bytes on', async () => {
  for (const encoding of [undefined, '', 'identity', 'Identity']) {
    assert.deepEqual(await readAll(decodeContent(inPieces(noise), encoding)), { bytes: noise, code: undefined });
  }
});

it('gzip is inflated, of several members too', async () => {
  for (const encoding of ['gzip', 'GZIP', 'x-gzip']) {
    assert.deepEqual(await readAll(decodeContent(inPieces(gzipSync(text)), encoding)), {
      bytes: text,
      code: undefined,
    });
  }
  const members = Buffer.concat([gzipSync(text), gzipSync(''), gzipSync(noise)]);
  const both = Buffer.concat([text, noise]);
  for (const size of [333, 1_000_000]) {
    assert.deepEqual((await readAll(decodeContent(inPieces(members, size), 'gzip'))).bytes, both);
  }
});

it('gzip that inflates a thousandfold lets others have their turn', async () => {
  let bytesOfTurn = 0;
  let most = 0;
  let isOver = false;
  const turn = () => {
    bytesOfTurn = 0;
    if (!isOver) setImmediate(turn);
  };
  turn();
  for await (const chunk of decodeContent(inPieces(gzipSync(Buffer.alloc(32 * 1024 * 1024, '\n')), 8192), 'gzip')) {
    bytesOfTurn += chunk.length;
    most = Math.max(most, bytesOfTurn);
  }
  isOver = true;
  assert.ok(most <= 2 * 1024 * 1024, `${most} bytes in one turn`);
});

it('gzip that turns bad yields what was good before it', async () => {
  const bytes = gzipSync(noise, { level: 0 });
  bytes.fill(0xff, 70_000, 70_100);
  const { bytes: good, code } = await readAll(decodeContent(inPieces(Buffer.concat([gzipSync(text), bytes])), 'gzip'));
  assert.equal(code, 'STRATAL_BAD_BODY');
  assert.ok(good.length >= text.length, `${good.length} bytes`);
  assert.deepEqual(good.subarray(0, text.length), text);
  assert.equal((await readAll(decodeContent(inPieces(text), 'gzip'))).code, 'STRATAL_BAD_BODY');
});

it('gzip that ends early is a cut, after all that had arrived', async () => {
  const whole = gzipSync(noise, { level: 0 });
  const { bytes, code } = await readAll(decodeContent(inPieces(whole.subarray(0, 80_000)), 'gzip'));
  assert.equal(code, 'STRATAL_INGEST_CUT');
  assert.ok(bytes.length > 60_000, `${bytes.length} bytes`);
  assert.deepEqual(bytes, noise.subarray(0, bytes.length));
  assert.equal((await readAll(decodeContent(inPieces(Buffer.alloc(0)), 'gzip'))).code, 'STRATAL_INGEST_CUT');
});

it('a connection that breaks is a cut, also where gzip members are whole', async () => {
  async function* broken(bytes: Buffer): AsyncGenerator<Uint8Array> {
    yield bytes;
    throw new Error('aborted');
  }
  assert.deepEqual(await readAll(decodeContent(broken(noise), undefined)), {
    bytes: noise,
    code: 'STRATAL_INGEST_CUT',
  });
  assert.deepEqual(await readAll(decodeContent(broken(gzipSync(noise)), 'gzip')), {
    bytes: noise,
    code: 'STRATAL_INGEST_CUT',
  });
});

it('a body that inflates past the bound is too large, before it is in memory', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const { bytes, code } = await readAll(decodeContent(inPieces(bomb), 'gzip', 1_000_000));
  assert.equal(code, 'STRATAL_TOO_LARGE');
  assert.ok(bytes.length < 20_000_000, `${bytes.length} bytes`);
  assert.equal((await readAll(decodeContent(inPieces(gzipSync(text)), 'gzip', text.length))).code, undefined);
});

it('a reader that stops releases the body', async () => {
  for (const encoding of [undefined, 'gzip']) {
    let released = false;
    async function* body(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield gzipSync(text);
      } finally {
        released = true;
      }
    }
    for await (const _ of decodeContent(body(), encoding)) break;
    assert.equal(released, true, String(encoding));
  }
});

it('another encoding is refused', () => {
  for (const encoding of ['br', 'deflate', 'gzip, gzip', 'zstd']) {
    assert.throws(() => decodeContent(inPieces(noise), encoding), { code: 'STRATAL_MEDIA_TYPE' });
  }
});

it('what a body has sent is inflated to its last byte before more of it comes, whatever its size', async () => {
  const STEP = 64 * 1024;
  for (let steps = 1; steps <= 12; steps++) {
    for (const size of [steps * STEP - 1, steps * STEP, steps * STEP + 1]) {
      const gzip = createGzip();
      gzip.write(Buffer.alloc(size, 'x'));
      await new Promise<void>((resolve) => gzip.flush(resolve));
      const sent: Uint8Array = gzip.read();
      let arrived = 0;
      let restIsRead = () => {};
      async function* body() {
        yield sent;
        // As a program that rests: no end, and nothing more until all of it is there.
        await new Promise<void>((resolve) => {
          restIsRead = resolve;
          if (arrived === size) resolve();
        });
      }
      for await (const chunk of cutOff(decodeContent(body(), 'gzip'))) {
        arrived += chunk.length;
        if (arrived === size) restIsRead();
        // Who commits meanwhile: the rest is inflated as far as it will be.
        for (let turn = 0; turn < 20; turn++) await nextTurn();
      }
      assert.equal(arrived, size);
    }
  }
});

/** Hides that the gzip ends too early. */
async function* cutOff(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
  } catch (error) {
    assert.equal(error instanceof Error && 'code' in error && error.code, 'STRATAL_INGEST_CUT');
  }
}

it('no more is inflated than is taken, whatever a small piece makes', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 'x')).subarray(0, 8192);
  const { arrayBuffers: before } = process.memoryUsage();
  const bodies = Array.from({ length: 20 }, () =>
    decodeContent(inPieces(bomb, bomb.length), 'gzip')[Symbol.asyncIterator](),
  );
  await Promise.all(bodies.map((body) => body.next()));
  // All have inflated as far as they will.
  for (let turn = 0; turn < 100; turn++) await nextTurn();
  const held = process.memoryUsage().arrayBuffers - before;
  assert.ok(held < 20 * 1024 * 1024, `${held} bytes are held of ${bodies.length} bodies`);
  for (const body of bodies) await body.return?.();
});
