import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elapsedMs, formatDuration, isoDuration } from './duration';
import { describeExitCode, describeOutcome, describeSignal } from './outcome';
import { formatBytes, formatCompact, formatCount, formatCounted } from './quantity';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test('a duration shows its two largest units, never a carry such as 60s', () => {
  const cases: Array<[number, string]> = [
    [0, '0.0s'],
    [-5 * SECOND, '0.0s'],
    [430, '0.4s'],
    [9_949, '9.9s'],
    [9_950, '9s'],
    [59_999, '59s'],
    [MINUTE, '1m 00s'],
    [3 * MINUTE + 5 * SECOND, '3m 05s'],
    [HOUR - 1, '59m 59s'],
    [HOUR + 2 * MINUTE, '1h 02m'],
    [DAY - 1, '23h 59m'],
    [2 * DAY + 3 * HOUR, '2d 03h'],
    [400 * DAY, '400d 00h'],
  ];
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text, `${ms} ms`);
});

test('elapsed time is undefined rather than NaN where a time is missing or unreadable', () => {
  assert.equal(elapsedMs('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:01.500Z'), 1500);
  assert.equal(elapsedMs(undefined, 5), undefined);
  assert.equal(elapsedMs('soon', 5), undefined);
  assert.equal(isoDuration(1500), 'PT1.5S');
});

test('counts are grouped, and one is singular', () => {
  assert.equal(formatCount(1_234_567), '1,234,567');
  assert.equal(formatCompact(987), '987');
  assert.equal(formatCompact(1_234_567), '1.23M');
  assert.equal(formatCounted(1, 'line'), '1 line');
  assert.equal(formatCounted(1000, 'line'), '1,000 lines');
  assert.equal(formatCounted(2, 'try', 'tries'), '2 tries');
});

test('bytes never show a thousand of a unit', () => {
  const cases: Array<[number, string]> = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [1536, '1.5 kB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [12_000_000, '12 MB'],
    [123_456_789_012, '123 GB'],
  ];
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text, `${bytes}`);
});

test('exit codes and signals are told in words, unknown ones as they are', () => {
  assert.equal(describeSignal('SIGKILL'), 'SIGKILL, killed, often out of memory');
  assert.equal(describeSignal('SIGWINCH'), 'SIGWINCH');
  assert.equal(describeExitCode(1), 'exit code 1');
  assert.equal(describeExitCode(127), 'exit code 127 (command not found)');
  assert.equal(describeExitCode(137), 'exit code 137 (SIGKILL, killed, often out of memory)');
  assert.equal(
    describeOutcome({ status: 'failed', exit_code: 137, signal: 'SIGKILL' }),
    'SIGKILL, killed, often out of memory',
  );
  assert.equal(describeOutcome({ status: 'completed', exit_code: 0 }), 'exit code 0');
  assert.equal(describeOutcome({ status: 'running' }), undefined);
  assert.equal(describeOutcome({ status: 'lost' }), 'its producer fell silent');
});
