import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogMessage } from '@/lib/protocol/log-message';
import { TracePicker } from './trace-picker';

function makeLines(messages: readonly (string | [task: string, message: string])[]): LogMessage[] {
  return messages.map((given, index) => {
    const [task, message] = typeof given === 'string' ? ['', given] : given;
    return {
      id: index + 1,
      job_run_id: 'run',
      timestamp: '2026-01-01T00:00:00.000Z',
      level: 'info',
      stream: 'stdout',
      message,
      ...(task !== '' && { task_run_id: task }),
    };
  });
}

/** Numbers of what is picked where `word` is looked for, one line at a time. */
function pick(lines: readonly LogMessage[], word: string, excluded = '\0'): number[] {
  const has = (text: string) => (line: LogMessage) => line.message.includes(text) && !line.message.includes(excluded);
  const picker = new TracePicker(has(word), ({ message }) => message.includes(excluded));
  return lines.flatMap((line) => picker.pick([line])).map(({ id }) => id);
}

const TRACE = ['one', 'Error: x', '    at a (b.js:1:1)', '    at c (d.js:2:2)', 'two'];

test('a match brings the rest of its trace, wherever in it it is', () => {
  assert.deepEqual(pick(makeLines(TRACE), 'Error'), [2, 3, 4]);
  assert.deepEqual(pick(makeLines(TRACE), 'd.js'), [2, 3, 4]);
  assert.deepEqual(pick(makeLines(TRACE), 'one'), [1]);
});

test('what is indented and no trace stays away, and so does what is excluded', () => {
  assert.deepEqual(pick(makeLines(['head', '  one', '  two']), 'head'), [1]);
  assert.deepEqual(pick(makeLines(TRACE), 'Error', 'b.js'), [2, 4]);
});

test('a trace goes on between the lines of others, and nothing is put above what was shown', () => {
  const lines = makeLines([
    ['a', 'Error: x'],
    ['b', 'needle b'],
    ['a', '    at needle (b.js:1:1)'],
    ['b', 'other'],
    ['a', '    at c (d.js:2:2)'],
  ]);
  assert.deepEqual(pick(lines, 'Error'), [1, 3, 5]);
  assert.deepEqual(pick(lines, 'needle'), [2, 3, 5]);
});
