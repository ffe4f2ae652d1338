import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatSgr } from './format-sgr';
import { renderLine } from './render-line';
import type { Color, Style } from './style';

test('the plain style needs no sequence, the common colours their short ones', () => {
  assert.equal(formatSgr({}), '');
  assert.equal(formatSgr({ bold: true, fg: { kind: 'index', n: 1 } }), '\x1b[1;31m');
  assert.equal(formatSgr({ fg: { kind: 'index', n: 15 }, bg: { kind: 'index', n: 8 } }), '\x1b[97;100m');
});

test('every style is read back as it was written', () => {
  const byte = fc.integer({ min: 0, max: 255 });
  const color: fc.Arbitrary<Color> = fc.oneof(
    fc.record({ kind: fc.constant('index' as const), n: byte }, { noNullPrototype: true }),
    fc.record({ kind: fc.constant('rgb' as const), r: byte, g: byte, b: byte }, { noNullPrototype: true }),
  );
  const on = fc.constant(true as const);
  const style: fc.Arbitrary<Style> = fc.record(
    { fg: color, bg: color, bold: on, dim: on, italic: on, underline: on, inverse: on, strike: on },
    { requiredKeys: [], noNullPrototype: true },
  );
  fc.assert(
    fc.property(style, (given) => {
      assert.deepEqual(renderLine(`${formatSgr(given)}x`).spans[0]?.style, given);
    }),
  );
});
