import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Volume } from '@/lib/protocol/api';
import {
  binAt,
  binOf,
  describeCounts,
  edgesOf,
  layOutBars,
  linesOf,
  rangeOf,
  STACKED_LEVELS,
  sumBins,
} from './volume-bins';

const NONE = { info: 0, error: 0, warn: 0, debug: 0 };

function volume(seconds: number): Volume {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
  return {
    from: at(0),
    to: at(seconds),
    bucket_ms: 1000,
    bins: Array.from({ length: seconds }, (_, second) => ({ ...NONE, info: second, at: at(second) })),
  };
}

test('one error among a million lines is seen, and no bar is higher than the plot', () => {
  const bars = layOutBars([{ ...NONE, at: '', info: 999_999, error: 1 }], 10, 30);
  assert.deepEqual(bars.error, [{ x: 0, y: 28, width: 9, height: 2 }]);
  assert.deepEqual(bars.info, [{ x: 0, y: 0, width: 9, height: 28 }]);
});

test('bars stand on whole pixels, inside the plot, stacked without gaps', () => {
  const count = fc.nat(50);
  const bins = fc.array(fc.record({ at: fc.constant(''), info: count, error: count, warn: count, debug: count }), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(bins, fc.integer({ min: 60, max: 900 }), fc.integer({ min: 20, max: 40 }), (list, width, height) => {
      const bars = layOutBars(list, width, height);
      const all = STACKED_LEVELS.flatMap((level) => bars[level]);
      for (const { x, y, width: across, height: up } of all) {
        assert.ok([x, y, across, up].every(Number.isInteger));
        assert.ok(x >= 0 && x + across <= width && y >= 0 && y + up <= height && up > 0 && across > 0);
      }
      assert.equal(
        all.length,
        list.reduce((sum, bin) => sum + STACKED_LEVELS.filter((level) => bin[level] > 0).length, 0),
      );
    }),
  );
});

test('a place of the plot and a time are in the bin that is drawn there', () => {
  const run = volume(7);
  for (let bin = 0; bin < 7; bin++) {
    const { left, right } = edgesOf(bin, 7, 100);
    assert.equal(binAt((left + right) / 2, 7, 100), bin);
    assert.equal(binOf(run, run.bins[bin]?.at ?? ''), bin);
  }
  assert.equal(binAt(-5, 7, 100), 0);
  assert.equal(binAt(500, 7, 100), 6);
  assert.equal(binOf(run, '2027-01-01T00:00:00.000Z'), 6);
});

test('a range covers its bins whole, whichever end was first', () => {
  const run = volume(5);
  assert.deepEqual(rangeOf(run, 3, 1), { from: '2026-01-01T00:00:01.000Z', to: '2026-01-01T00:00:04.000Z' });
  assert.deepEqual(rangeOf(run, 4, 4), { from: '2026-01-01T00:00:04.000Z', to: '2026-01-01T00:00:05.000Z' });
});

test('counts are told in words', () => {
  assert.equal(describeCounts({ ...NONE, info: 1 }), '1 line');
  assert.equal(describeCounts({ error: 1, warn: 2, info: 1000, debug: 0 }), '1,003 lines, 1 error, 2 warnings');
  assert.equal(sumBins(volume(4).bins).info, 6);
  assert.equal(linesOf({ at: '', error: 1, warn: 1, info: 1, debug: 1 }), 4);
});

test('a run without lines has no bars', () => {
  assert.deepEqual(layOutBars([], 100, 30).info, []);
  assert.deepEqual(layOutBars([{ ...NONE, at: '' }], 100, 30).info, []);
});
