import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from './clock';

test('goes on where the machine’s clock is set back, and shows the time of day', (context) => {
  const before = systemClock.now();
  assert.ok(Math.abs(before - Date.now()) < 60_000);
  context.mock.method(Date, 'now', () => before - 3_600_000);
  assert.ok(systemClock.now() >= before);
  assert.ok(Number.isInteger(systemClock.now()));
});
