import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineBatch } from '@/lib/store/line-batch';
import { LineEncoder, type LineFormat } from './line-encoder';

const RUN = { key: 1, id: 'run' };

function batchOf(messages: string[]): LineBatch {
  const zeros = messages.map(() => 0);
  const facets = [{ task: undefined, stream: 'stdout', level: 'info' } as const];
  const columns = { facets, facet: zeros, timeUs: zeros, message: messages, continues: zeros, attributes: undefined };
  return new LineBatch(RUN, 1, columns, 100);
}

/** Each line as its text and a stroke; counts how many lines were encoded. */
function makeEncoder() {
  const encoded = { lines: 0, bytes: 0 };
  const format: LineFormat<string> = {
    encode({ batch, from, to }) {
      const offsets = [0];
      let data = '';
      for (let index = from; index < to; index++) {
        data += `${batch.message(index)}|`;
        offsets.push(data.length);
        encoded.lines += 1;
      }
      return { data, offsets };
    },
    slice: (data, start, end) => data.slice(start, end),
  };
  const encoder = new LineEncoder(format, (_batch, bytes) => {
    encoded.bytes += bytes;
  });
  return { encoder, encoded };
}

/** All lines of a batch as a reader gets them that takes `room` bytes at a time. */
function readAll(encoder: LineEncoder<string>, batch: LineBatch, room: number): string {
  let text = '';
  for (let index = 0; index < batch.count; ) {
    const block = encoder.block(batch, index, undefined);
    const count = Math.max(1, encoder.fitting(block, index, block.to, room));
    text += encoder.slice(block, index, index + count);
    index += count;
  }
  return text;
}

test('encodes a batch once for all readers of a format', () => {
  const { encoder, encoded } = makeEncoder();
  const messages = Array.from({ length: 2000 }, (_, index) => `line ${index} ${'x'.repeat(index % 90)}`);
  const batch = batchOf(messages);
  const whole = `${messages.join('|')}|`;
  for (const room of [1, 100, 5000, 1_000_000]) assert.equal(readAll(encoder, batch, room), whole);
  assert.equal(encoded.lines, 2000);
  assert.ok(encoded.bytes >= whole.length);
  const twin = encoder.block(batch, 700, undefined);
  assert.equal(twin, encoder.block(batch, 701, undefined));
});

test('encodes a few lines for one reader without the block around them', () => {
  const { encoder, encoded } = makeEncoder();
  const batch = batchOf(Array.from({ length: 400 }, (_, index) => String(index)));
  const few = encoder.lines({ batch, from: 10, to: 12, entry: undefined });
  assert.equal(encoder.slice(few, 10, 12), '10|11|');
  assert.equal(encoded.lines, 2);
  assert.equal(encoded.bytes, 0);
  encoder.block(batch, 0, undefined);
  const shared = encoder.lines({ batch, from: 10, to: 12, entry: undefined });
  assert.equal(encoder.slice(shared, 10, 12), '10|11|');
  assert.equal(encoded.lines, 402);
});

test('keeps blocks small whatever the length of lines', () => {
  const { encoder } = makeEncoder();
  const batch = batchOf(Array.from({ length: 50 }, () => 'x'.repeat(30_000)));
  for (let index = 0; index < batch.count; ) {
    const block = encoder.block(batch, index, undefined);
    assert.equal(block.from, index);
    assert.ok(block.data.length <= 64 * 1024, `${block.data.length}`);
    index = block.to;
  }
  const large = batchOf(['x'.repeat(200_000), 'y']);
  assert.equal(encoder.block(large, 0, undefined).to, 1);
  assert.equal(readAll(encoder, large, 10), `${'x'.repeat(200_000)}|y|`);
});

test('encodes anew what was forgotten', () => {
  const { encoder, encoded } = makeEncoder();
  const batch = batchOf(['a', 'b']);
  encoder.block(batch, 0, undefined);
  encoder.forget(batch);
  encoder.block(batch, 1, undefined);
  assert.equal(encoded.lines, 4);
});
