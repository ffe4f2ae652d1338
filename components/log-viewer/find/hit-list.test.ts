import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countBelow, HitList } from './hit-list';

test('lines found and lines that came live are in the list once, in order', () => {
  const lines = fc
    .uniqueArray(fc.integer({ min: 1, max: 500 }), { maxLength: 80 })
    .map((ids) => ids.sort((a, b) => a - b));
  fc.assert(
    fc.property(
      lines,
      fc.integer({ min: 0, max: 500 }),
      fc.integer({ min: 0, max: 500 }),
      fc.nat(),
      (ids, a, b, seed) => {
        // The search looks at lines up to `head`; live lines are those after `from`, which the reader had at its start.
        const [from, head] = a < b ? [a, b] : [b, a];
        const found = ids.filter((id) => id <= head);
        const live = ids.filter((id) => id > from);
        const list = new HitList();
        let random = seed;
        while (found.length + live.length > 0) {
          random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
          const isFound = live.length === 0 || (found.length > 0 && random % 2 === 0);
          if (isFound) list.addFound(found.splice(0, 1 + (random % 5)));
          else list.addLive(live.splice(0, 1 + (random % 5)));
        }
        assert.deepEqual(list.toArray(), ids);
        assert.equal(list.count, ids.length);
      },
    ),
  );
});

test('a place among the lines is found', () => {
  assert.deepEqual(
    [0, 3, 4, 9, 10].map((line) => countBelow([3, 5, 9], line)),
    [0, 0, 1, 2, 3],
  );
});
