import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLineHash, parseLineParameter } from './line-range';

test('a parameter names a line or a range, in either order', () => {
  assert.deepEqual(parseLineParameter('120'), { first: 120, last: 120 });
  assert.deepEqual(parseLineParameter('120-134'), { first: 120, last: 134 });
  assert.deepEqual(parseLineParameter('134-120'), { first: 120, last: 134 });
});

test('anything else names no lines', () => {
  for (const text of ['', '0', '0-4', 'L1', '1-', '-1', '1-2-3', '1.5', '1e3', ' 1', '1'.repeat(16)]) {
    assert.equal(parseLineParameter(text), undefined, text);
  }
});

test('a permalink names one line or a range, and nothing else', () => {
  assert.deepEqual(parseLineHash('#L42'), { first: 42, last: 42 });
  assert.deepEqual(parseLineHash('#L50-L42'), { first: 42, last: 50 });
  assert.deepEqual(parseLineHash('#L42-50'), { first: 42, last: 50 });
  for (const hash of ['', '#42', '#L0', '#L', '#L1x', '#main', '#L-5'])
    assert.equal(parseLineHash(hash), undefined, hash);
});
