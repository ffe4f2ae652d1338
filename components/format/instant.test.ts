import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  addMicroseconds,
  clockBetween,
  dayOf,
  fromFieldValue,
  fullTime,
  timeOfDay,
  toFieldValue,
  zoneName,
} from './instant';

before(() => {
  process.env.TZ = 'Asia/Kolkata';
});

test('a time is written in the zone, with its offset and its microseconds', () => {
  assert.equal(fullTime('2026-01-31T20:30:45.123Z', 'utc'), '2026-01-31 20:30:45.123 Z');
  assert.equal(fullTime('2026-01-31T20:30:45.123456Z', 'local'), '2026-02-01 02:00:45.123456 +05:30');
  assert.equal(dayOf('2026-01-31T20:30:45.123Z', 'local'), '2026-02-01');
  assert.equal(timeOfDay('2026-01-31T20:30:45.12Z', 'utc'), '20:30:45.120');
  assert.equal(timeOfDay('2026-01-31T20:30:45.123Z', 'local', 'seconds'), '02:00:45');
  assert.equal(zoneName(new Date(0), 'local'), 'UTC+05:30');
  assert.equal(zoneName(new Date(0), 'utc'), 'UTC');
});

test('the way between two times is a clock’s, exact to the microsecond', () => {
  const from = '2026-01-31T10:00:00.000Z';
  const cases: Array<[to: string, text: string]> = [
    [from, '0.000'],
    ['2026-01-31T10:00:00.250Z', '0.250'],
    ['2026-01-31T10:00:00.000001Z', '0.000001'],
    ['2026-01-31T10:01:05.000Z', '1:05.000'],
    ['2026-01-31T12:00:00.500Z', '2:00:00.500'],
    ['2026-02-03T14:05:06.007Z', '3d 04:05:06.007'],
    ['2026-01-31T09:59:59.995Z', '-0.005'],
  ];
  for (const [to, text] of cases) assert.equal(clockBetween(from, to), text, to);
  assert.equal(addMicroseconds(from, -1), '2026-01-31T09:59:59.999999Z');
});

test('a field’s value names the same moment in its zone', () => {
  assert.equal(toFieldValue('2026-01-31T20:30:45.123456Z', 'local'), '2026-02-01T02:00:45.123');
  assert.equal(fromFieldValue('2026-02-01T02:00:45.123', 'local'), '2026-01-31T20:30:45.123Z');
  assert.equal(fromFieldValue('2026-02-01T02:00', 'utc'), '2026-02-01T02:00:00.000Z');
  assert.equal(fromFieldValue('', 'utc'), undefined);
  assert.equal(fromFieldValue('0002-02-01T02:00', 'utc'), undefined);
});
