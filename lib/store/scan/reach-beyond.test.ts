import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reachBeyond } from './reach-beyond';

/** Ten chunks of ten lines, from line 1 on. */
const CHUNKS = Array.from({ length: 10 }, (_, index) => ({
  firstLine: 10 * index + 1,
  lineCount: 10,
  minUs: 0,
  maxUs: 0,
  facets: [],
  textBytes: 100,
}));
const BOUNDS = { firstLine: 3, lastLine: 97 };

test('widens each part, not beyond the bounds', () => {
  const widen = reachBeyond(CHUNKS, BOUNDS, { lines: 15, bytesMax: 1000 });
  assert.deepEqual(widen({ firstLine: 5, lastLine: 20 }), { firstLine: 3, lastLine: 35 });
  assert.deepEqual(widen({ firstLine: 21, lastLine: 60 }), { firstLine: 6, lastLine: 75 });
  assert.deepEqual(widen({ firstLine: 61, lastLine: 97 }), { firstLine: 46, lastLine: 97 });
});

test('reads no more text for it than it may, but for that of the part’s own chunks', () => {
  const widen = reachBeyond(CHUNKS, BOUNDS, { lines: 25, bytesMax: 150 });
  assert.deepEqual(widen({ firstLine: 41, lastLine: 55 }), { firstLine: 31, lastLine: 70 });
  const none = reachBeyond(CHUNKS, BOUNDS, { lines: 25, bytesMax: 50 });
  assert.deepEqual(none({ firstLine: 45, lastLine: 55 }), { firstLine: 41, lastLine: 60 });
});
