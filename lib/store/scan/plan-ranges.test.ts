import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planRanges } from './plan-ranges';

const chunk = (firstLine: number, lineCount: number, textBytes = 10) => ({
  firstLine,
  lineCount,
  minUs: 0,
  maxUs: 0,
  facets: [],
  textBytes,
});
const BOUNDS = { chunksFirst: 1, chunksMax: 4, bytesMax: 100 };

test('gives each task twice the chunks of the one before, joins neighbours, and leaves gaps out', () => {
  const chunks = [1, 11, 21, 41, 51, 61, 71, 81, 91].map((first) => chunk(first, 10));
  assert.deepEqual(
    [...planRanges(chunks, 5, 88, BOUNDS)],
    [
      [{ firstLine: 5, lastLine: 10 }],
      [{ firstLine: 11, lastLine: 30 }],
      [{ firstLine: 41, lastLine: 80 }],
      [{ firstLine: 81, lastLine: 88 }],
    ],
  );
  const [, , apart] = [
    ...planRanges(
      [1, 11, 21, 31, 51, 71].map((first) => chunk(first, 10)),
      1,
      99,
      BOUNDS,
    ),
  ];
  assert.deepEqual(apart, [
    { firstLine: 31, lastLine: 40 },
    { firstLine: 51, lastLine: 60 },
    { firstLine: 71, lastLine: 80 },
  ]);
});

test('keeps to the bytes of a task, but for a chunk that has more alone', () => {
  const chunks = [chunk(1, 1, 60), chunk(2, 1, 60), chunk(3, 1, 200), chunk(4, 1, 1), chunk(5, 1, 1)];
  assert.deepEqual(
    [...planRanges(chunks, 1, 5, { ...BOUNDS, chunksFirst: 4 })],
    [
      [{ firstLine: 1, lastLine: 1 }],
      [{ firstLine: 2, lastLine: 2 }],
      [{ firstLine: 3, lastLine: 3 }],
      [{ firstLine: 4, lastLine: 5 }],
    ],
  );
});
