import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { TextQuery } from '@/lib/protocol/text-query';
import { parseTextQuery } from '@/lib/protocol/text-query-parse';
import { LineMarks } from './line-marks';

const LINE: LogMessage = {
  id: 1,
  job_run_id: 'run',
  timestamp: '2026-01-01T00:00:00.000Z',
  level: 'info',
  stream: 'stdout',
  message: 'Connection refused by \x1b[31mhost\x1b[0m-7',
};

function query(text: string): TextQuery | undefined {
  const parsed = parseTextQuery(text, false);
  assert.ok(parsed.ok);
  return parsed.query;
}

test('matches are marked where they are seen, those of several queries together', () => {
  assert.deepEqual(new LineMarks([query('host')]).of(LINE), [[22, 26]]);
  assert.deepEqual(new LineMarks([query('host'), query('"by host"'), undefined]).of(LINE), [[19, 26]]);
});

test('without a query nothing is marked', () => {
  assert.equal(new LineMarks([undefined]).of(LINE), undefined);
});
