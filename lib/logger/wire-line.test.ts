import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeLines, encodePartial } from './wire-line';

test('writes one JSON object per line, whatever its text', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (texts) => {
      const lines = texts.map((text) => ({
        timeUs: 1_700_000_000_000_001,
        stream: 'stdout' as const,
        text: Buffer.from(text),
      }));
      const encoded = encodeLines(lines).toString().split('\n');
      assert.equal(encoded.pop(), '');
      assert.deepEqual(
        encoded.map((line) => JSON.parse(line).message),
        texts.map((text) => Buffer.from(text).toString()),
      );
      assert.equal(JSON.parse(encoded[0] ?? '').timestamp, '2023-11-14T22:13:20.000001Z');
    }),
  );
});

test('leaves bytes that are not UTF-8 as they are, for the server to replace and count', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (array) => {
      const text = Buffer.from(array);
      const encoded = encodeLines([{ timeUs: 0, stream: 'stderr', text, continues: true, attributes: { n: 1 } }]);
      const line = JSON.parse(encoded.toString());
      assert.equal(line.message, text.toString());
      assert.equal(line.continues, true);
      assert.deepEqual(line.attributes, { n: 1 });
    }),
  );
  const invalid = Buffer.from([0x61, 0xff, 0xfe, 0x0a, 0x62]);
  assert.ok(
    encodeLines([{ timeUs: 0, stream: 'stdout', text: invalid }]).includes(Buffer.from([0x61, 0xff, 0xfe, 0x5c])),
  );
});

test('flags a partial', () => {
  const line = JSON.parse(encodePartial({ timeUs: 0, stream: 'stdout', text: Buffer.from('50 %') }).toString());
  assert.deepEqual([line.message, line.partial], ['50 %', true]);
});
