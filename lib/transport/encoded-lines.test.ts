import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toColumns } from '@/lib/store/append-encode';
import { encodeChunk } from '@/lib/store/chunk-codec';
import { LineBatch, type LineInput } from '@/lib/store/line-batch';
import { eventFormat } from './sse/events';
import { frameFormat } from './websocket/frames';

const ascii = fc.string({ unit: 'binary-ascii', maxLength: 300 });
const message = fc.oneof(ascii, fc.string({ unit: 'grapheme', maxLength: 80 }), fc.constant('x'.repeat(70_000)));
const task = fc.constantFrom(undefined, 'build', 'größe').map((name) => name && { key: 1, id: 't', name, attempt: 1 });

/** Batches of ASCII alone and of all kinds of text, as an append makes them. */
const batch = fc
  .array(fc.record({ message: fc.oneof({ weight: 20, arbitrary: ascii }, message), task: fc.option(task) }), {
    minLength: 1,
    maxLength: 70,
  })
  .map((given) => {
    const lines = given.map(({ message, task }): LineInput => {
      return {
        timeUs: 1_700_000_000_123_456,
        level: 'info',
        stream: 'stdout',
        message,
        task: task || undefined,
        continues: false,
        attributes: undefined,
      };
    });
    const columns = toColumns(lines);
    const { isAscii } = encodeChunk(columns, 0, lines.length);
    return new LineBatch({ key: 7, id: 'run' }, 11, { ...columns, isAscii }, 0);
  });

test('frames hold each line’s JSON, and offsets where each begins and ends, whatever its text', () => {
  const format = frameFormat('epoch', 'run');
  fc.assert(
    fc.property(batch, fc.nat(), (lines, start) => {
      const from = start % lines.count;
      const { data, offsets } = format.encode({ batch: lines, from, to: lines.count, entry: undefined });
      assert.equal(offsets[lines.count - from], data.length);
      for (let index = from; index < lines.count; index++) {
        const frame = data.subarray(offsets[index - from], offsets[index - from + 1]);
        assert.equal(payloadOf(frame), lines.toJson(index));
      }
    }),
    { numRuns: 60 },
  );
});

test('events hold each line’s cursor and JSON, and offsets where each begins and ends, whatever its text', () => {
  const format = eventFormat('epoch', 'run');
  const chunked = eventFormat('epoch', 'run', true);
  fc.assert(
    fc.property(batch, (lines) => {
      const span = { batch: lines, from: 0, to: lines.count, entry: undefined };
      const { data, offsets } = format.encode(span);
      const framed = chunked.encode(span);
      assert.equal(framed.data.toString(), asChunk(data.toString()));
      for (let index = 0; index < lines.count; index++) {
        const event = data.subarray(offsets[index], offsets[index + 1]).toString('utf8');
        assert.equal(event, `id: epoch-r7.${11 + index}\nevent: log\ndata: ${lines.toJson(index)}\n\n`);
        const part = chunked.slice(framed.data, framed.offsets[index] ?? 0, framed.offsets[index + 1] ?? 0);
        assert.equal(part.toString(), asChunk(event));
      }
    }),
    { numRuns: 60 },
  );
});

/** As one chunk of HTTP/1.1 (RFC 9112 §7.1). */
function asChunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

/** The text of one whole unmasked text frame (RFC 6455 §5.2). */
function payloadOf(frame: Buffer): string {
  assert.equal(frame[0], 0x81);
  const short = frame[1] ?? 0;
  const header = short < 126 ? 2 : short === 126 ? 4 : 10;
  const length = short < 126 ? short : short === 126 ? frame.readUInt16BE(2) : Number(frame.readBigUInt64BE(2));
  assert.equal(frame.length, header + length);
  return frame.toString('utf8', header);
}
