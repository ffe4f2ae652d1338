import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CaptureFilter, makeCapture, markBytes, type OutputPiece } from './nested-output';

const { mark } = makeCapture('run-1');

/** Neighbours of one kind joined. */
function join(pieces: OutputPiece[]): Array<[string, boolean]> {
  const joined: Array<[string, boolean]> = [];
  for (const { bytes, isCaptured } of pieces) {
    const last = joined.at(-1);
    if (last && last[1] === isCaptured) last[0] += bytes.toString('latin1');
    else joined.push([bytes.toString('latin1'), isCaptured]);
  }
  return joined;
}

test('tells what is captured already from what is not, however the output is cut, and changes no byte', () => {
  const text = fc.oneof(fc.string(), fc.constant('\x1b'), fc.constant('\x1b[31mred'), fc.constant('\x1b_strat'));
  fc.assert(
    fc.property(fc.array(fc.tuple(text, fc.boolean())), fc.array(fc.integer({ min: 1, max: 40 })), (parts, sizes) => {
      const wire = Buffer.concat(
        parts.flatMap(([each, isCaptured]) => {
          const bytes = Buffer.from(each, 'latin1');
          return isCaptured ? markBytes(bytes, mark) : [bytes];
        }),
      );
      const filter = new CaptureFilter(mark);
      const pieces: OutputPiece[] = [];
      for (let at = 0, index = 0; at < wire.length; index += 1) {
        const size = sizes[index % sizes.length] ?? wire.length;
        pieces.push(...filter.push(wire.subarray(at, at + size)));
        at += size;
      }
      pieces.push(...filter.end());
      const expected = parts.map(([each, isCaptured]) => ({ bytes: Buffer.from(each, 'latin1'), isCaptured }));
      assert.deepEqual(join(pieces), join(expected.filter(({ bytes }) => bytes.length > 0)));
    }),
  );
});

test('writes marked bytes in blocks that a pipe takes whole', () => {
  const bytes = Buffer.alloc(20_000, 'x');
  const blocks = markBytes(bytes, mark);
  assert.ok(blocks.every((block) => block.length <= 4096));
  const filter = new CaptureFilter(mark);
  assert.deepEqual(join(filter.push(Buffer.concat(blocks))), [[bytes.toString(), true]]);
});

test('passes ordinary output on at once', () => {
  const chunk = Buffer.from('progress 50 %\r');
  const [piece] = new CaptureFilter(mark).push(chunk);
  assert.deepEqual(piece, { bytes: chunk, isCaptured: false });
});
