import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineShape } from './line-shape';

const SAME: [string, string][] = [
  ['retry 1 of 1,204', 'retry 17 of 1,204'],
  ['took 3.5 ms', 'took 12.75 ms'],
  ['2026-07-29T23:48:08.582Z polling', '2026-07-30T00:00:09.100Z polling'],
  ['request 6f1c2d9e-0b1a-4c3d-8e5f-001122334455', 'request 00000000-0000-4000-8000-000000000000'],
  ['commit 3f2a9bc', 'commit 91e0d44'],
  ['at 0x7ffe12ab', 'at 0xdeadbeef'],
  ['\x1b[32mok\x1b[0m 1', 'ok 2'],
];
for (const [one, other] of SAME) {
  test(`${JSON.stringify(one)} repeats as ${JSON.stringify(other)}`, () =>
    assert.equal(lineShape(one), lineShape(other)));
}

const DIFFERENT: [string, string][] = [
  ['connected', 'disconnected'],
  ['deadbeef', 'facade'],
  ['retry 1', 'Retry 1'],
];
for (const [one, other] of DIFFERENT) {
  test(`${one} does not repeat as ${other}`, () => assert.notEqual(lineShape(one), lineShape(other)));
}

test('a blank line has no shape', () => assert.equal(lineShape(' \x1b[0m\t'), ''));
