import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { estimateProgramSize } from './text-regex-size';

const atom = fc.constantFrom('a', '.', '\\d', '\\pL', '\\x{41}', '[a-z]', '[^]]', '[]a]', '\\{', '\\(', 'é', '🚀');
const count = fc.tuple(
  fc.integer({ min: 1, max: 30 }),
  fc.integer({ min: 0, max: 8 }),
  fc.constantFrom('n', 'n,', 'n,m', ''),
);
const { pattern } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
  piece: fc
    .tuple(
      fc.oneof(
        { depthSize: 'small' },
        atom,
        tie('pattern').map((inner) => `(${inner})`),
      ),
      count,
    )
    .map(([inner, [least, more, form]]) => {
      if (form === '') return inner;
      return `${inner}{${form.replace('n', String(least)).replace('m', String(least + more))}}`;
    }),
  pattern: fc.array(tie('piece'), { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join('')),
}));

it('is within a small factor of what the compiler makes, and never far below', () => {
  fc.assert(
    fc.property(pattern, (source) => {
      let size: number;
      try {
        size = RE2JS.compile(source).programSize();
      } catch {
        return;
      }
      const estimate = estimateProgramSize(source);
      assert.ok(estimate * 3 + 8 >= size, `${source}: ${estimate} for ${size}`);
      assert.ok(estimate <= size * 4 + 8, `${source}: ${estimate} for ${size}`);
    }),
  );
});

it('sees what a short pattern can make', () => {
  assert.ok(estimateProgramSize('x{1000}'.repeat(50)) >= 50_000);
  assert.ok(estimateProgramSize(`(${'ab'.repeat(200)}){1000}`) >= 400_000);
  assert.ok(estimateProgramSize('((((a?){10}){10}){10})') >= 1000);
});

it('reads any text to its end', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('(', ')', '[', ']', '{', '}', '2', ',', '\\', 'p', '^', 'a')), (chars) => {
      assert.ok(estimateProgramSize(chars.join('')) >= 0);
    }),
  );
});
