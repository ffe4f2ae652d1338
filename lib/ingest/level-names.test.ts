import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelFromName, levelFromNumber } from './level-names';

const NAMES_BY_LEVEL = {
  debug: ['debug', 'trace', 'verbose', 'silly'],
  info: ['info', 'notice', 'http'],
  warn: ['warn', 'warning'],
  error: ['error', 'err', 'fatal', 'critical', 'crit', 'alert', 'emerg', 'panic'],
} as const;

test('every accepted name maps to its level in lower, upper and title case', () => {
  for (const [level, names] of Object.entries(NAMES_BY_LEVEL)) {
    for (const name of names) {
      for (const spelling of [name, name.toUpperCase(), name.charAt(0).toUpperCase() + name.slice(1)]) {
        assert.equal(levelFromName(spelling), level, spelling);
      }
    }
  }
});

test('a word outside the list names no level', () => {
  for (const word of ['', 'information', 'loud', ' info', 'info ', '30', 'constructor', '__proto__', 'toString']) {
    assert.equal(levelFromName(word), undefined, word);
  }
});

test("pino's six numbers map to levels and no other number does", () => {
  assert.deepEqual([10, 20, 30, 40, 50, 60].map(levelFromNumber), ['debug', 'debug', 'info', 'warn', 'error', 'error']);
  for (const number of [0, 1, 35, 70, -10, 30.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.equal(levelFromNumber(number), undefined, String(number));
  }
});
