import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextLength, contextStart } from './first-error';

test('the lines around a line stay within the run', () => {
  assert.deepEqual([contextStart(10, 1), contextLength(10, 1)], [6, 7]);
  assert.deepEqual([contextStart(2, 1), contextLength(2, 1)], [0, 5]);
  assert.deepEqual([contextStart(101, 100), contextLength(101, 100)], [99, 5]);
});
