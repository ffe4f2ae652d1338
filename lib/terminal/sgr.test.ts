import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applySgr } from './sgr';
import { PLAIN_STYLE, type Style } from './style';

const CASES: [params: string, style: Style][] = [
  ['', {}],
  ['0', {}],
  ['31', { fg: { kind: 'index', n: 1 } }],
  ['97', { fg: { kind: 'index', n: 15 } }],
  ['40;107', { bg: { kind: 'index', n: 15 } }],
  ['38;5;208', { fg: { kind: 'index', n: 208 } }],
  ['48;2;1;2;3', { bg: { kind: 'rgb', r: 1, g: 2, b: 3 } }],
  ['38:5:208', { fg: { kind: 'index', n: 208 } }],
  ['38:2::1:2:3', { fg: { kind: 'rgb', r: 1, g: 2, b: 3 } }],
  ['38:2:1:2:3', { fg: { kind: 'rgb', r: 1, g: 2, b: 3 } }],
  ['38;5;1;1', { fg: { kind: 'index', n: 1 }, bold: true }],
  ['58;5;9;1', { bold: true }],
  ['58:2::1:2:3;1', { bold: true }],
  ['38;5;256', {}],
  ['38;2;300;0;0;1', { bold: true }],
  ['38;5', { fg: { kind: 'index', n: 0 } }],
  ['38', {}],
  ['1;2;3;4;7;9', { bold: true, dim: true, italic: true, underline: true, inverse: true, strike: true }],
  ['1;2;22', {}],
  ['3;23;4;24;7;27;9;29;31;39;41;49', {}],
  ['4:3', { underline: true }],
  ['4;4:0', {}],
  ['21', { underline: true }],
  ['5;6;8;10;53;73;999', {}],
  [';;1', { bold: true }],
  ['1;;3', { italic: true }],
];

for (const [params, style] of CASES) {
  test(`SGR ${JSON.stringify(params)}`, () => assert.deepEqual(applySgr(PLAIN_STYLE, params), style));
}

test('a style is never changed in place, and a reset is the one plain style', () => {
  const bold = applySgr(PLAIN_STYLE, '1');
  assert.deepEqual(applySgr(bold, '31'), { bold: true, fg: { kind: 'index', n: 1 } });
  assert.deepEqual(bold, { bold: true });
  assert.equal(applySgr(bold, '22'), PLAIN_STYLE);
});

test('any parameters give colours within their bounds', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9:;]{0,40}$/), (params) => {
      const style = applySgr(PLAIN_STYLE, params);
      for (const color of [style.fg, style.bg]) {
        if (color === undefined) continue;
        const parts = color.kind === 'index' ? [color.n] : [color.r, color.g, color.b];
        for (const value of parts) assert.ok(Number.isInteger(value) && value >= 0 && value <= 255);
      }
    }),
  );
});
