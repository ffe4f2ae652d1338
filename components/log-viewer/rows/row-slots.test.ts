import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RowSlots } from './row-slots';

test('a row keeps its slot while it is shown, and gives it to a new one when it leaves', () => {
  const slots = new RowSlots();
  assert.deepEqual(slots.take([1, 2, 3], true), [0, 1, 2]);
  assert.deepEqual(slots.take([1, 2, 3], true), [0, 1, 2]);
  assert.deepEqual(slots.take([2, 3, 4], true), [1, 2, 0]);
  assert.deepEqual(slots.take([7, 8, 9], true), [1, 2, 0]);
  assert.deepEqual(slots.take([7, 8, 9, 10], true), [1, 2, 0, 3]);
});

test('without reuse new rows get new slots, and the others keep theirs', () => {
  const slots = new RowSlots();
  slots.take([1, 2, 3], true);
  assert.deepEqual(slots.take([2, 3, 4], false), [1, 2, 3]);
  assert.deepEqual(slots.take([3, 4, 5], true), [2, 3, 1]);
});

test('whatever is shown in turn, rows that stay keep their slots, and no two have the same', () => {
  const shown = fc.uniqueArray(fc.integer({ min: -20, max: 20 }), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(fc.tuple(shown, fc.boolean())), (turns) => {
      const slots = new RowSlots();
      let before = new Map<number, number>();
      for (const [unordered, mayReuse] of turns) {
        const keys = unordered.toSorted((a, b) => a - b);
        const taken = slots.take(keys, mayReuse);
        assert.equal(new Set(taken).size, keys.length);
        const now = new Map(keys.map((key, index) => [key, taken[index] ?? -1]));
        for (const [key, slot] of before) if (now.has(key)) assert.equal(now.get(key), slot);
        assert.deepEqual(slots.take(keys, mayReuse), taken);
        before = now;
      }
    }),
  );
});

test('where all rows are new, no element moves', () => {
  const slots = new RowSlots();
  slots.take([1, 2, 3], true);
  for (const start of [11, 21, 31]) assert.deepEqual(slots.take([start, start + 1, start + 2], true), [0, 1, 2]);
});
