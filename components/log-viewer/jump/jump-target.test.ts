import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JumpContext, parseJump } from './jump-target';

const CONTEXT: JumpContext = {
  first: 101,
  newest: 10_000_000,
  current: 5000,
  startedAt: '2026-03-01T10:00:00.000Z',
  near: '2026-03-02T23:30:00.000Z',
  isUtc: true,
};

const LINES: Array<[string, number]> = [
  ['1204', 1204],
  ['1,204', 1204],
  ['9 999 999', 9_999_999],
  ['L42', 42],
  ['#L42', 42],
  ['+500', 5500],
  ['-9999', 101],
  ['+99999999', 10_000_000],
  ['0%', 101],
  ['100%', 10_000_000],
  ['start', 101],
  ['End', 10_000_000],
];
for (const [text, line] of LINES) {
  test(`${text} is line ${line}`, () => assert.deepEqual(parseJump(text, CONTEXT), { kind: 'line', line }));
}

for (const text of ['120-134', '134-120', 'L120-L134', '#L120-134', '120 – 134']) {
  test(`${text} is some lines`, () =>
    assert.deepEqual(parseJump(text, CONTEXT), { kind: 'line', line: 120, last: 134 }));
}

const TIMES: Array<[string, string]> = [
  ['14:03', '2026-03-02T14:03:00.000Z'],
  ['14:03:11.5', '2026-03-02T14:03:11.500Z'],
  ['+5m30s', '2026-03-01T10:05:30.000Z'],
  ['1h', '2026-03-01T11:00:00.000Z'],
  ['2026-03-01', '2026-03-01T00:00:00.000Z'],
  ['2026-03-01 12:30:00', '2026-03-01T12:30:00.000Z'],
  ['2026-03-01T12:30:00+02:00', '2026-03-01T10:30:00.000Z'],
];
for (const [text, at] of TIMES) {
  test(`${text} is the time ${at}`, () => assert.deepEqual(parseJump(text, CONTEXT), { kind: 'time', at }));
}

for (const text of ['', 'soon', '25:00', '12:61', '2026-99-99', '5 apples', '--3', '12345678901234567']) {
  test(`${JSON.stringify(text)} is no place`, () => assert.equal(parseJump(text, CONTEXT), undefined));
}
