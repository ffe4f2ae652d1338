import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogMessage } from '@/lib/protocol/log-message';
import { lineNotes } from './line-notes';

function notes(message: string, attributes?: LogMessage['attributes']) {
  const line: LogMessage = {
    id: 1,
    job_run_id: 'r',
    timestamp: '2026-01-01T00:00:00.000Z',
    level: 'info',
    stream: 'stdout',
    message,
    ...(attributes && { attributes }),
  };
  return lineNotes(line).map(({ place, text }) => [place, text]);
}

test('a line names what was dropped, overwritten, refused and replaced at its place', () => {
  assert.deepEqual(notes('plain'), []);
  assert.deepEqual(notes('plain', { user: 'ada' }), []);
  assert.deepEqual(notes('a\ufffdb\ufffd'), [['after', '2 × \ufffd']]);
  assert.deepEqual(notes('x', { dropped_lines: 1204, dropped_bytes: 1_500_000 }), [
    ['before', '1,204 lines dropped'],
    ['before', '1.5 MB overwritten'],
  ]);
  assert.deepEqual(notes('x', { unstored_bytes: 80, dropped_attributes: 1 }), [
    ['after', '80 B not stored'],
    ['after', '1 attribute dropped'],
  ]);
});

test('attributes of these names that are no counts say nothing', () => {
  assert.deepEqual(
    notes('x', { dropped_lines: '7', dropped_bytes: -1, unstored_bytes: 0.5, dropped_attributes: null }),
    [],
  );
});
