import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BACKOFF_BASE_MS, BACKOFF_MAX_MS, backoffMs, DEMAND_MAX_MS } from './backoff';

test('the ceiling doubles from 1 s to 30 s and stays there', () => {
  const ceilings = [1, 2, 3, 4, 5, 6, 7, 1000].map((tries) => backoffMs(tries, 1));
  assert.deepEqual(ceilings, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('the delay lies anywhere below the ceiling and never below what the server demands', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), random, fc.nat(120_000), (tries, chance, floor) => {
      const delay = backoffMs(tries, chance, floor);
      assert.ok(delay >= floor);
      assert.ok(delay <= Math.max(floor, Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** (tries - 1))));
    }),
  );
  assert.equal(backoffMs(3, 0), 0);
});

test('a demand to wait for days is heeded for minutes, which is no more than a timer takes', () => {
  assert.equal(backoffMs(1, 0, 999_999_999_000), DEMAND_MAX_MS);
  assert.ok(DEMAND_MAX_MS < 2 ** 31);
});
