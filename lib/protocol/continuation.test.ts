import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isContinuation, isTraceLine } from './continuation';
import type { LogMessage } from './log-message';

type Part = Partial<LogMessage> & { message: string };

/** Consecutive lines, one second apart. */
function linesOf(parts: ReadonlyArray<string | Part>): LogMessage[] {
  return parts.map((part, index) => ({
    id: index + 1,
    job_run_id: 'run',
    timestamp: new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString(),
    level: 'info',
    stream: 'stdout',
    ...(typeof part === 'string' ? { message: part } : part),
  }));
}

/** Traces as their languages print them; every line after the first belongs to it. */
const TRACES: Record<string, string[]> = {
  JavaScript: [
    'Error: no such file',
    '    at open (node:fs:1:2)',
    '    at async run (/app/a.js:3:4) {',
    "  code: 'ENOENT'",
    '}',
  ],
  Java: [
    'Exception in thread "main" java.lang.RuntimeException: x',
    '\tat com.example.Main.main(Main.java:5)',
    'Caused by: java.io.IOException: y',
    '\tat com.example.Main.read(Main.java:9)',
    '\t... 1 more',
  ],
  'Python without its source': [
    'Traceback (most recent call last):',
    '  File "<string>", line 1, in <module>',
    'ValueError: x',
  ],
  Python: [
    'Traceback (most recent call last):',
    '  File "a.py", line 1, in <module>',
    '    run()',
    'ValueError: bad value',
  ],
  Go: [
    'goroutine 1 [running]:',
    'main.run(0x1, 0x2)',
    '\t/app/main.go:12 +0x1d',
    'main.main()',
    '\t/app/main.go:5 +0x20',
  ],
  Rust: [
    "thread 'main' panicked at src/main.rs:2:5:",
    '   0: std::panicking::begin_panic',
    '             at ./src/main.rs:2',
  ],
};

for (const [language, messages] of Object.entries(TRACES)) {
  test(`a trace of ${language} is one thing`, () => {
    const lines = linesOf(messages);
    for (const [index, line] of lines.entries()) {
      const before = lines[index - 1];
      if (before) assert.ok(isContinuation(line, before), line.message);
    }
  });
}

test('other lines, tasks, streams and times are not', () => {
  const [before] = linesOf(['Error: x']);
  assert.ok(before);
  const after = (change: Partial<typeof before>) =>
    isContinuation({ ...before, message: '    at x', ...change }, before);
  assert.ok(after({}));
  assert.ok(!after({ message: 'next' }));
  assert.ok(!after({ stream: 'stderr' }));
  assert.ok(!after({ task_run_id: 'other' }));
  assert.ok(!after({ timestamp: '2026-01-01T01:00:00.000Z' }));
  assert.ok(isContinuation(before, { ...before, continues: true }));
});

test('frames and causes are lines of a trace, what they are about is not', () => {
  assert.ok(isTraceLine('\tat com.example.Main.main(Main.java:5)'));
  assert.ok(isTraceLine('Caused by: x'));
  assert.ok(!isTraceLine('  indented'));
  assert.ok(!isTraceLine('Error: x'));
});
