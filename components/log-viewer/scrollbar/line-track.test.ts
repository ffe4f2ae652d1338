import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lineAtThumb, pixelsOf, type Track, thumbOf } from './line-track';

const MILLION = 1_000_000;
const track = (first: number, newest: number, from: number, to: number): Track => ({
  first,
  newest,
  view: { first: from, last: to },
});

test('the thumb touches the ends of the track at the ends of ten million lines', () => {
  const size = 0.05;
  assert.deepEqual(thumbOf(track(1, 10 * MILLION, 1, 40), size), { top: 0, size });
  const end = thumbOf(track(1, 10 * MILLION, 10 * MILLION - 39, 10 * MILLION), size);
  assert.equal(end.top + end.size, 1);
});

test('every drag position names a line that puts the thumb there again', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 10 * MILLION }),
      fc.integer({ min: 1, max: 80 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (first, count, rows, place) => {
        const newest = first + count - 1;
        const shown = Math.min(rows, count);
        const at = track(first, newest, first, first + shown - 1);
        const thumb = thumbOf(at, 0.04);
        const line = lineAtThumb(at, { ...thumb, top: place * (1 - thumb.size) });
        assert.ok(line >= first && line + shown - 1 <= newest);
        const moved = thumbOf(track(first, newest, line, line + shown - 1), 0.04);
        assert.ok(Math.abs(moved.top - place * (1 - thumb.size)) <= 1 / Math.max(1, count - shown) + 1e-9);
      },
    ),
  );
});

test('a run that fits into sight has a thumb of the whole track', () => {
  assert.deepEqual(thumbOf(track(1, 10, 1, 10), 0.1), { top: 0, size: 1 });
  assert.deepEqual(thumbOf(track(1, 0, 1, 0), 0.1), { top: 0, size: 1 });
});

test('lines are marked on their pixels, those outside the run on none', () => {
  const marked = pixelsOf([0, 1, 50, 100, 101], track(1, 100, 1, 10), 10);
  assert.deepEqual([...marked], [1, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
});
