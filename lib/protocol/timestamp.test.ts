import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { formatTimestamp, parseTimestamp, TIME_US_MAX } from './timestamp';

const BASE = Date.UTC(2024, 0, 15, 10, 30, 45) * 1000;

it('reads RFC 3339 to the microsecond, whatever the offset and the digits', () => {
  const cases: Array<[text: string, us: number | undefined]> = [
    ['2024-01-15T10:30:45Z', BASE],
    ['2024-01-15T10:30:45.123Z', BASE + 123_000],
    ['2024-01-15T10:30:45.123456Z', BASE + 123_456],
    ['2024-01-15T10:30:45.123456789Z', BASE + 123_456],
    ['2024-01-15T10:30:45.1Z', BASE + 100_000],
    ['2024-01-15t10:30:45z', BASE],
    ['2024-01-15 10:30:45Z', BASE],
    ['2024-01-15T12:30:45+02:00', BASE],
    ['2024-01-15T05:00:45-05:30', BASE],
    ['2024-01-15T10:30:45+0000', BASE],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29) * 1000],
    ['2016-12-31T23:59:60Z', Date.UTC(2016, 11, 31, 23, 59, 59) * 1000],
    ['1970-01-01T00:00:00Z', 0],
    ['2100-01-01T00:00:00Z', TIME_US_MAX],
    ['2100-01-01T00:00:01Z', undefined],
    ['1969-12-31T23:59:59Z', undefined],
    ['1970-01-01T00:00:00+00:01', undefined],
    ['2023-02-29T00:00:00Z', undefined],
    ['2024-13-01T00:00:00Z', undefined],
    ['2024-00-01T00:00:00Z', undefined],
    ['2024-01-00T00:00:00Z', undefined],
    ['2024-01-15T24:00:00Z', undefined],
    ['2024-01-15T10:60:00Z', undefined],
    ['2024-01-15T10:30:45', undefined],
    ['2024-01-15', undefined],
    ['2024-01-15T10:30:45+24:00', undefined],
    [' 2024-01-15T10:30:45Z', undefined],
    ['', undefined],
    ['1705314645123', undefined],
  ];
  for (const [text, us] of cases) assert.equal(parseTimestamp(text), us, text);
});

it('writes 3 digits, and 6 where there are microseconds', () => {
  assert.equal(formatTimestamp(BASE), '2024-01-15T10:30:45.000Z');
  assert.equal(formatTimestamp(BASE + 7000), '2024-01-15T10:30:45.007Z');
  assert.equal(formatTimestamp(BASE + 7001), '2024-01-15T10:30:45.007001Z');
  assert.equal(formatTimestamp(0), '1970-01-01T00:00:00.000Z');
});

it('reads what it wrote', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: TIME_US_MAX }), (us) => {
      assert.equal(parseTimestamp(formatTimestamp(us)), us);
    }),
  );
});

it('agrees with Date on every time that Date can write', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date(TIME_US_MAX / 1000), noInvalidDate: true }), (date) => {
      assert.equal(parseTimestamp(date.toISOString()), date.getTime() * 1000);
      assert.equal(formatTimestamp(date.getTime() * 1000), date.toISOString());
    }),
  );
});
