import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogMessage } from '@/lib/protocol/log-message';
import { LinePrinter, type PrinterOptions } from './line-printer';

const OPTIONS: PrinterOptions = {
  timestamps: false,
  numbers: false,
  json: false,
  isTerminal: false,
  color: true,
  hasGaps: false,
};

const line = (id: number, message: string, continues?: true): LogMessage => ({
  id,
  job_run_id: 'r',
  timestamp: '2026-01-01T00:00:00.000Z',
  level: 'info',
  stream: 'stdout',
  message,
  ...(continues && { continues }),
});

test('a line whose rest is gone is not joined with what comes behind the gap', () => {
  const printer = new LinePrinter(OPTIONS);
  const printed = [printer.print(line(1, 'a long ', true)), printer.breakOff(), printer.print(line(9, 'another'))];
  assert.equal(printed.join(''), 'a long \nanother\n');
  assert.equal(printer.breakOff(), '');
});

test('a colour that was left on ends at a gap', () => {
  const printer = new LinePrinter({ ...OPTIONS, isTerminal: true });
  const red = '\x1b[31mred\x1b[0m\n';
  assert.equal(printer.print(line(1, '\x1b[31mred')), red);
  assert.equal(printer.print(line(2, 'red')), red);
  assert.equal(printer.breakOff(), '');
  assert.equal(printer.print(line(9, 'plain')), 'plain\n');
});

test('parts of their own, with numbers or as JSON, leave nothing open', () => {
  for (const form of ['numbers', 'json'] as const) {
    const printer = new LinePrinter({ ...OPTIONS, [form]: true });
    assert.match(printer.print(line(1, 'a long ', true)), /\n$/);
    assert.equal(printer.breakOff(), '');
  }
});
