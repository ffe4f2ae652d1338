import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StoredTexts } from './stored-texts';

/** So long that some fill more than the stretch that becomes one string. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.nat(20_000).map((length) => 'x'.repeat(length)),
  fc.nat(9_000).map((length) => 'ä'.repeat(length)),
);
const texts = fc.array(text, { maxLength: 40 });

function stored(lines: readonly string[]): StoredTexts {
  const bytes = lines.map((line) => Buffer.from(line));
  return StoredTexts.of(
    Buffer.concat(bytes),
    Uint32Array.from(bytes, ({ length }) => length),
  );
}

test('each line is what it was, in whichever order they are asked for', () => {
  fc.assert(
    fc.property(texts, fc.array(fc.nat(39)), (lines, order) => {
      const held = stored(lines);
      assert.deepEqual([...held], lines);
      const backwards = lines.map((_, index) => lines.length - 1 - index);
      for (const index of [...backwards, ...order]) assert.equal(held.at(index), lines[index]);
    }),
  );
});

test('a part, and parts joined, are those lines', () => {
  fc.assert(
    fc.property(texts, texts, fc.nat(40), fc.nat(40), (lines, others, from, count) => {
      const part = stored(lines).slice(from, Math.min(lines.length, from + count));
      const expected = lines.slice(from, from + count);
      assert.deepEqual([part.length, ...part], [expected.length, ...expected]);
      assert.deepEqual([...StoredTexts.join([part, stored(others)])], [...expected, ...others]);
    }),
  );
});

test('lines that are not all of the text are refused', () => {
  assert.throws(() => StoredTexts.of(Buffer.from('abc'), Uint32Array.of(1, 1)), /3 bytes of text, and its lines 2/);
});
