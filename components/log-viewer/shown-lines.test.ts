import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogMessage } from '@/lib/protocol/log-message';
import { ShownLines } from './shown-lines';

function line(id: number, timestamp = `2026-01-01T00:00:0${id}.000Z`): LogMessage {
  return { id, job_run_id: 'r', timestamp, level: 'info', stream: 'stdout', message: '' };
}

test('a line has the shown one before it as previous, whatever was filtered out between', () => {
  const shown = new ShownLines();
  const lines = [line(2), line(5), line(9)];
  shown.follow(lines);
  assert.deepEqual(lines.map(shown.previousOf), [undefined, lines[0]?.timestamp, lines[1]?.timestamp]);
  assert.equal(shown.find(5), lines[1]);
  assert.equal(shown.find(4), undefined);
  assert.equal(shown.find(10), undefined);
});

test('room for microseconds is kept once it was needed', () => {
  const shown = new ShownLines();
  shown.follow([line(1)]);
  assert.equal(shown.hasMicroseconds, false);
  shown.follow([line(1), line(2, '2026-01-01T00:00:02.000001Z')]);
  shown.follow([line(1)]);
  assert.equal(shown.hasMicroseconds, true);
});
