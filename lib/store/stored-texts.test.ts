import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { StoredTexts } from './stored-texts';

setFlagsFromString('--expose-gc');
const MIB = 1024 * 1024;
const collect = runInNewContext('gc') as () => void;

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

test('a part, a part of it, and parts joined, are those lines', () => {
  const place = fc.nat(45);
  fc.assert(
    fc.property(texts, texts, fc.tuple(place, place, place, place), (lines, others, [from, to, innerFrom, innerTo]) => {
      const part = stored(lines).slice(from, to);
      const expected = lines.slice(from, to);
      assert.deepEqual([part.length, ...part], [expected.length, ...expected]);
      const inner = expected.slice(innerFrom, innerTo);
      assert.deepEqual([...part.slice(innerFrom, innerTo)], inner);
      assert.deepEqual([...StoredTexts.join([part.slice(innerFrom, innerTo), stored(others)])], [...inner, ...others]);
    }),
  );
});

test('a line does not keep the text of its whole chunk in memory', async () => {
  const lines = Array.from({ length: 1000 }, (_, index) => `${index} ${'x'.repeat(1000)}`);
  collect();
  const before = process.memoryUsage().arrayBuffers;
  const kept = Array.from({ length: 50 }, (_, index) => stored(lines).slice(index, index + 1));
  const held = () => process.memoryUsage().arrayBuffers - before;
  // What a collection frees of them is given back beside it.
  for (let turn = 0; turn < 100 && held() > MIB; turn++) {
    collect();
    await setImmediate();
  }
  assert.ok(held() <= MIB, `${held()} bytes`);
  assert.equal(kept[7]?.at(0), lines[7]);
});

test('lines that are not all of the text are refused', () => {
  assert.throws(() => StoredTexts.of(Buffer.from('abc'), Uint32Array.of(1, 1)), /3 bytes of text, and its lines 2/);
});
