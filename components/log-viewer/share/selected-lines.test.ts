import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesBetween } from './selected-lines';

test('a selection touches the lines from one end to the other, whichever came first', () => {
  const expected = { first: 3, last: 9 };
  assert.deepEqual(linesBetween({ line: 3, offset: 4 }, { line: 9, offset: 1 }), expected);
  assert.deepEqual(linesBetween({ line: 9, offset: 1 }, { line: 3, offset: 4 }), expected);
});

test('a line of which nothing is selected is not touched', () => {
  assert.deepEqual(linesBetween({ line: 3, offset: 0 }, { line: 4, offset: 0 }), { first: 3, last: 3 });
  assert.deepEqual(linesBetween({ line: 4, offset: 0 }, { line: 3, offset: 0 }), { first: 3, last: 3 });
  assert.deepEqual(linesBetween({ line: 3, offset: 0 }, { line: 3, offset: 0 }), { first: 3, last: 3 });
});
