import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogMessage } from '@/lib/protocol/log-message';
import { parseTextQuery } from '@/lib/protocol/text-query-parse';
import { isFiltering, LineMatcher, NO_FILTER, serverFilter, type ViewerFilter } from './viewer-filter';

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

function matcherOf(filter: Partial<ViewerFilter>): LineMatcher {
  const parsed = parseTextQuery(filter.text ?? '', false);
  assert.ok(parsed.ok);
  return new LineMatcher({ ...NO_FILTER, ...filter }, parsed.query);
}

function matches(filter: Partial<ViewerFilter>, tested: LogMessage): boolean {
  return matcherOf(filter).matches(tested);
}

test('a line passes by level, stream and task only where each of them is chosen', () => {
  const tested = line('x', { level: 'error', stream: 'stderr', task_run_id: 't1' });
  assert.equal(matches({ levels: ['error', 'warn'], streams: ['stderr'], tasks: ['t1'] }, tested), true);
  assert.equal(matches({ levels: ['warn'] }, tested), false);
  assert.equal(matches({ streams: ['stdout'] }, tested), false);
  assert.equal(matches({ tasks: ['t2'] }, tested), false);
  assert.equal(matches({ tasks: ['t1'] }, line('no task')), false);
});

test('text and sets must both hold', () => {
  const tested = line('Connection refused by \x1b[31mhost\x1b[0m-7', { level: 'warn' });
  assert.equal(matches({ text: '"by host-7" connection', levels: ['warn'] }, tested), true);
  assert.equal(matches({ text: 'refused', levels: ['error'] }, tested), false);
  assert.equal(matches({ text: 'refused -host' }, tested), false);
});

test('the server gets sets in one order and the text as it was typed', () => {
  assert.deepEqual(serverFilter({ ...NO_FILTER, levels: ['warn', 'error'], text: ' "a b" -c ' }), {
    level: 'error,warn',
    q: '"a b" -c',
  });
  assert.deepEqual(serverFilter(NO_FILTER), {});
});

test('an attempt is that of the line’s task; where it is not known the server’s choice stands', () => {
  const filter = { ...NO_FILTER, attempts: [2] };
  const matcher = new LineMatcher(filter, undefined, {
    attemptOf: (id) => (id === 't1' ? 1 : id === 't2' ? 2 : undefined),
  });
  assert.equal(matcher.matches(line('x', { task_run_id: 't2' })), true);
  assert.equal(matcher.matches(line('x', { task_run_id: 't1' })), false);
  assert.equal(matcher.matches(line('x', { task_run_id: 'unknown' })), true);
  assert.equal(matcher.matches(line('no task')), false);
});

test('a time range begins with its first microsecond and ends before its last', () => {
  const range = { from: '2026-01-01T01:00:00.000001+01:00', to: '2026-01-01T00:00:01.000Z' };
  const passes = (timestamp: string) => matches(range, line('x', { timestamp }));
  assert.deepEqual(
    [
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T00:00:00.000001Z',
      '2026-01-01T00:00:00.999999Z',
      '2026-01-01T00:00:01.000Z',
    ].map(passes),
    [false, true, true, false],
  );
});

test('attempts, times and case reach the server, and case only beside a text', () => {
  const from = '2026-01-01T00:00:00.000Z';
  assert.deepEqual(serverFilter({ ...NO_FILTER, attempts: [10, 2], from, text: 'A', isCaseSensitive: true }), {
    attempt: '2,10',
    from,
    q: 'A',
    case: '1',
  });
  assert.deepEqual(serverFilter({ ...NO_FILTER, isCaseSensitive: true }), {});
  assert.equal(isFiltering({ ...NO_FILTER, to: from }), true);
  assert.equal(isFiltering({ ...NO_FILTER, isCaseSensitive: true }), false);
});
