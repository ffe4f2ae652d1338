import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogMessage } from '@/lib/protocol/log-message';
import { LineMatcher, NO_FILTER, serverFilter, type ViewerFilter } from './viewer-filter';

function line(message: string, rest: Partial<LogMessage> = {}): LogMessage {
  return {
    id: 1,
    job_run_id: 'r',
    timestamp: '2026-01-01T00:00:00.000Z',
    level: 'info',
    stream: 'stdout',
    message,
    ...rest,
  };
}

function matches(filter: Partial<ViewerFilter>, tested: LogMessage): boolean {
  return new LineMatcher({ ...NO_FILTER, ...filter }).matches(tested);
}

test('a line passes by level, stream and task only where each of them is chosen', () => {
  const tested = line('x', { level: 'error', stream: 'stderr', task_run_id: 't1' });
  assert.equal(matches({ levels: ['error', 'warn'], streams: ['stderr'], tasks: ['t1'] }, tested), true);
  assert.equal(matches({ levels: ['warn'] }, tested), false);
  assert.equal(matches({ streams: ['stdout'] }, tested), false);
  assert.equal(matches({ tasks: ['t2'] }, tested), false);
  assert.equal(matches({ tasks: ['t1'] }, line('no task')), false);
});

test('all words must occur, quoted ones together, and a minus excludes', () => {
  const tested = line('Connection refused by \x1b[31mhost\x1b[0m-7');
  assert.equal(matches({ text: 'REFUSED connection' }, tested), true);
  assert.equal(matches({ text: '"by host-7"' }, tested), true);
  assert.equal(matches({ text: '"refused connection"' }, tested), false);
  assert.equal(matches({ text: 'refused -host' }, tested), false);
  assert.equal(matches({ text: '  ' }, tested), true);
});

test('matches are marked where they are seen, without escape sequences and without overlap', () => {
  const matcher = new LineMatcher({ ...NO_FILTER, text: 'aba bab' });
  assert.deepEqual(matcher.marks(line('\x1b[1mxABAB\x1b[0m aba')), [
    [1, 5],
    [6, 9],
  ]);
  const dotted = new LineMatcher({ ...NO_FILTER, text: 'x' });
  assert.deepEqual(dotted.marks(line('İİx')), [[2, 3]]);
});

test('the server gets sets in one order, and never the text', () => {
  assert.deepEqual(serverFilter({ ...NO_FILTER, levels: ['warn', 'error'], text: 'x' }), { level: 'error,warn' });
});
