import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf } from '@/components/log-viewer/rows/testing/row-input';
import { rendered } from './rendered-lines';

const idsOf = (lines: ReadonlyArray<{ id: number }>) => lines.map(({ id }) => id);

test('lines that are short are all rendered', () => {
  const lines = linesOf(['one', 'two', 'three']);
  assert.equal(rendered(lines, 100), lines);
  assert.equal(rendered(lines, 100, 2), lines);
  assert.deepEqual(rendered([], 100), []);
});

test('of long ones the last, or those around a line, and one at least', () => {
  const lines = linesOf(Array.from({ length: 9 }, () => 'x'.repeat(10)));
  assert.deepEqual(idsOf(rendered(lines, 35)), [7, 8, 9]);
  assert.deepEqual(idsOf(rendered(lines, 35, 4)), [3, 4, 5]);
  assert.deepEqual(idsOf(rendered(lines, 35, 1)), [1, 2, 3]);
  assert.deepEqual(idsOf(rendered(lines, 35, 9)), [7, 8, 9]);
  assert.deepEqual(idsOf(rendered(lines, 5)), [9]);
  assert.deepEqual(idsOf(rendered(lines, 5, 3)), [3]);
});

test('a long line ends that side alone', () => {
  const lines = linesOf(['a', 'b', 'x'.repeat(100), 'c', 'd', 'e']);
  assert.deepEqual(idsOf(rendered(lines, 10, 5)), [4, 5, 6]);
});
