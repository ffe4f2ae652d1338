import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LEVELS, type Level } from '@/lib/protocol/log-message';
import { detectLevel } from './detect-level';

const cases = (level: Level, ...lines: string[]) => lines.map((line): [line: string, level: Level] => [line, level]);

const RULES: Record<string, [line: string, level: Level][]> = {
  'time and level': [
    ...cases(
      'error',
      '2024-01-15 10:00:00 ERROR connection lost',
      '2024-01-15T10:00:00.123Z ERROR connection lost',
      '2024-01-15T10:00:00.123456+02:00 FATAL connection lost',
      '2024/01/15 10:00:00 ERR connection lost',
      '10:00:00.123 [main] ERROR com.example.Db - connection lost',
      '2024-01-15 10:00:00,123 - app.db - ERROR - connection lost',
      '2024-01-15 10:00:00,123 main ERROR Unable to locate appender',
      'Mon Jan 15 10:00:00 2024 ERROR connection lost',
      'Jan 15 10:00:00 host app[12]: ERROR connection lost',
      'Jan 15 10:00:00 host app[12]: error: connection lost',
      '15/Jan/2024 10:00:00 CRITICAL connection lost',
      '2024-01-15T10:00:00.000Z\terror\tdb/pool.go:12\tconnection lost',
      '2024-01-15T10:00:00.000Z error dial tcp: refused',
    ),
    ...cases(
      'warn',
      '[2024-01-15 10:00:00] WARN: slow',
      '2024-01-15 10:00:00.123  WARN 12 --- [main] slow',
      '10:00:00 AM WARNING slow',
    ),
    ...cases('debug', '2024-01-15 10:00:00 DEBUG x', '2024-01-15 10:00:00 TRACE x', '2024-01-15 10:00:00 debug2 x'),
    ...cases(
      'info',
      '2024-01-15 10:00:00 INFO 3 ERROR lines skipped',
      '2024-01-15 10:00:00 NOTICE no error',
      '2024-01-15 10:00:00 error rate is 0.1 %',
      '2024-01-15 10:00:00 error handling enabled',
      '2024-01-15 10:00:00 errors found: 0',
      '2024-01-15 10:00:00 set the log level to ERROR',
      '2024-01-15 10:00:00 0 ERROR',
    ),
  ],
  'level first': [
    ...cases(
      'error',
      'ERROR: disk full',
      'ERROR disk full',
      'ERROR:root:disk full',
      'ERROR! the playbook could not be found',
      'Error: disk full',
      'error: pathspec did not match',
      'fatal: not a git repository',
      'Fatal: disk full',
      'panic: runtime error: index out of range',
      'CRITICAL: disk full',
      'fail: Microsoft.Hosting[11]',
      'error Command failed with exit code 1.',
      'error[E0382]: borrow of moved value',
      'error TS2304: Cannot find name',
      'fatal error: stdio.h: No such file or directory',
    ),
    ...cases(
      'warn',
      'WARNING: unsafe',
      'WARN unsafe',
      'warning: unused variable',
      'Warning: unsafe',
      'warn: unsafe',
      'UserWarning: unsafe',
    ),
    ...cases('debug', 'DEBUG: x', 'debug: x', 'debug Something', 'TRACE x', 'dbug: App[0]', 'verbose: x'),
    ...cases(
      'info',
      'info: 0 errors',
      'INFO: ERROR pages are cached',
      'Error',
      'Errors: 3',
      'error',
      'error: null',
      'error: 0',
      'Error: none',
      'err: <nil>',
      'error: undefined',
      'debug: true',
      'critical: 3, high: 2',
      'error handling is done by the caller',
      'Error handling guide',
      'warning signs',
      'debug mode: on',
      'DEBUG = True',
      '  error: [Function],',
      '  warning: false,',
      'errors.html',
      'alert manager started',
      'trace id 12',
      'http: listening',
      'Panic button pressed',
      'ERROR_COUNT 3',
    ),
  ],
  'counter-examples': cases(
    'info',
    'info: 0 errors',
    'done, error=nil',
    'done err=<nil>',
    'GET /errors.html 200',
    '0 failed',
    '12 passed, 0 errors, 0 warnings',
    'no errors found',
    'No ERROR found',
    'compiled ErrorBoundary.tsx',
    'error_count=0',
    'errors=0 warnings=0',
    '{"error":null,"msg":"ok"}',
    '{"warning_threshold":3}',
    'warning_threshold=3',
    'exit code 0 (no error)',
    'Starting error-handler',
    '--error-limit 5',
    'see https://example.org/docs/error: it is there',
    '    at render (ErrorBoundary.tsx:12:3)',
    '    raise RuntimeError("boom")',
    '+ echo "ERROR: it failed"',
    'test_error_is_raised PASSED',
    'Downloading debug-4.3.4.tgz',
    'Collecting warnings from 3 files',
    'the value may be ERROR or WARN',
    'NO ERROR OCCURRED',
    'status=ERROR_NONE',
    'Fatality counter reset',
    'ERRORLEVEL is 0',
    'critical path is 12 steps',
    'Usage: tool --level=debug',
  ),
  'bracketed tags': [
    ...cases(
      'error',
      '[ERROR] x',
      '[error] x',
      '[ ERROR ] x',
      '[test] [error] x',
      '2024/01/15 10:00:00 [error] 123#0: x',
      '[Mon Jan 15 10:00:00 2024] [core:error] [pid 12] x',
      '[taskcluster:error] Task aborted',
      '[2024-01-15T10:00:00Z ERROR app::db] x',
      '[2024-01-15T10:00:00,123][ERROR][o.e.n.Node] x',
      'E, [2024-01-15T10:00:00.123456 #12] ERROR -- : x',
      '[E] x',
      '[E 2024-01-15 10:00:00 app:12] x',
      '12:00:00 [F] x',
      'worker 3 [error] x',
      '[abc@1 comp="x" level="ERROR" sub="y"] x',
    ),
    ...cases(
      'warn',
      '[WARN] x',
      '[WARN ] x',
      '[Warning] x',
      '[21:01:45] [WRN] x',
      '[taskcluster:warn 2025-02-12T02:47:21.376Z] x',
      '<warn>  [123.4] x',
    ),
    ...cases('debug', '[debug] x', '[DBG] x', '[V] x', '[D] ok'),
    ...cases(
      'info',
      '[INFO] ERROR x',
      '[INFO] [DEBUG] x',
      '[errors] x',
      '[no error] x',
      'list[error] = 3',
      '[e] x',
      'a[E] = 1',
      '[404] x',
    ),
  ],
  'key and value': [
    ...cases(
      'error',
      'time="2024-01-15T10:00:00Z" level=error msg="x"',
      'ts=2024-01-15T10:00:00Z caller=main.go:12 level=fatal msg="x"',
      'level=ERROR x',
      'lvl=crit msg=x',
      'severity="err" msg=x',
      '2024-01-15 10:00:00 level=error x',
    ),
    ...cases('warn', 'msg="all error" level=warn'),
    ...cases('debug', 'level=trace msg=x'),
    ...cases(
      'info',
      'level=info msg="an error: x" err="boom"',
      'msg="level=error" a=b',
      'loglevels=error',
      'sets level=debug for all',
    ),
  ],
  'syslog priority': [
    ...cases(
      'error',
      '<3>x',
      '<0>x',
      '<34>1 2003-10-11T22:14:15.003Z host su - ID47 - x',
      '<11>Oct 11 22:14:15 host su: x',
    ),
    ...cases('warn', '<4>x', '<28>x'),
    ...cases('debug', '<7>x', '<191>x'),
    ...cases('info', '<6>ERROR', '<5>x', '<14>x', '<192>x', '<1234>x', '<3', '<b>bold</b>'),
  ],
  glog: [
    ...cases(
      'error',
      'E0115 10:00:00.123456  12 main.go:1] x',
      'F0115 10:00:00.123456  12 main.go:1] x',
      'E20240115 10:00:00.123456  12 a.cc:1] x',
    ),
    ...cases('warn', 'W0115 10:00:00.123456  12 main.go:1] x'),
    ...cases('info', 'I0115 10:00:00.123456  12 main.go:1] error: x', 'E0115 is a code', 'E2024: x'),
  ],
  'names before the level': [
    ...cases(
      'error',
      'web-1  | ERROR: x',
      'web-1  | 2024-01-15 10:00:00 ERROR x',
      'src/main.c:10:5: error: expected',
      'src/main.c:10: fatal error: x.h: No such file',
      'src/a.ts(3,5): error TS2304: Cannot find name',
      'C:\\src\\a.cpp(10) : error C2065: undeclared',
      '  3:5  error  Unexpected var',
      'ld: error: undefined symbol',
      'cc1: error: x',
      '[2023-05-15 18:19:32] local.ERROR: x',
      'PHP Fatal error:  Uncaught',
      '│ Error: Invalid reference',
      '🚨 Error: The command exited with status 1',
      '[8/22/2026] [12:58:28 AM] [SSL      ] › ✖  error     Renew failed',
    ),
    ...cases(
      'warn',
      'src/main.c:10:5: warning: unused',
      'a.c(121) : Warning[Pe177]: x',
      '/lib/a.py:156: UserWarning: x',
      '(node:12) [DEP0040] DeprecationWarning: x',
      'PHP Warning:  x',
    ),
    ...cases(
      'info',
      'src/main.c:10:5: note: an error here',
      'Summary: errors: 0',
      'Summary: error: 0',
      'Error summary - no errors',
      'https: error page',
    ),
  ],
  Postgres: [
    ...cases(
      'error',
      '2025-08-13 01:46:12.212 PDT [12] ERROR:  relation does not exist',
      '2025-08-13 01:46:12.212 UTC [12] FATAL:  x',
      '2025-08-13 01:46:12 UTC [12] PANIC:  x',
    ),
    ...cases('warn', '2025-08-13 01:46:12.212 UTC [12] WARNING:  x'),
    ...cases('debug', '2025-08-13 01:46:12.212 UTC [12] DEBUG2:  x'),
    ...cases(
      'info',
      '2025-08-13 01:46:12.212 UTC [12] LOG:  could not receive data: ERROR',
      '2025-08-13 01:46:12.212 UTC [12] STATEMENT:  select ERROR from x',
      '2025-08-13 01:46:12.212 UTC [12] HINT:  WARNING x',
    ),
  ],
  'GitHub Actions': [
    ...cases(
      'error',
      '##[error]x',
      '2026-07-30T10:39:20.7109104Z ##[error]x',
      '::error::x',
      '::error file=a.js,line=1::x',
    ),
    ...cases('warn', '##[warning]x', '::warning file=a.js::x'),
    ...cases('debug', '##[debug]x', '::debug::x'),
    ...cases('info', '::notice::an ERROR', '##[group]Run ERROR', '##[command]echo [error]', '::group::[error]'),
  ],
  'tools with words of their own': [
    ...cases(
      'error',
      'npm ERR! code ELIFECYCLE',
      'npm error code ELIFECYCLE',
      'Traceback (most recent call last):',
      'ValueError: bad',
      'java.lang.NullPointerException',
      'java.lang.IllegalStateException: x',
      'Exception in thread "main" java.lang.Error',
      'Uncaught TypeError: x is not a function',
      "thread 'main' panicked at src/main.rs:1:1:",
      'make: *** [Makefile:3: all] Error 2',
      'make[1]: *** [all] Error 1',
      'Error response from daemon: manifest unknown',
      'E: Unable to locate package x',
      'E               ValueError: bad',
    ),
    ...cases('warn', 'npm WARN deprecated x', 'npm warn deprecated x', 'W: GPG error: x'),
    ...cases('debug', 'npm verb cli x', 'npm sill fetch x'),
    ...cases(
      'info',
      'npm info ok',
      'npm run error',
      'except ValueError:',
      'E: ',
      'Error handlers: 3',
      'class FooException extends Bar',
    ),
  ],
};

for (const [rule, table] of Object.entries(RULES)) {
  for (const [line, level] of table) {
    test(`${rule}: ${JSON.stringify(line.slice(0, 80))} is ${level}`, () =>
      assert.equal(detectLevel(line, 'stdout'), level));
  }
}

test('colours do not hide a level', () => {
  assert.equal(detectLevel('\x1b[31mERROR\x1b[0m x', 'stdout'), 'error');
  assert.equal(detectLevel('[\x1b[1;33mWARNING\x1b[m] x', 'stdout'), 'warn');
  assert.equal(detectLevel('\x1b[1mnpm\x1b[22m \x1b[33mwarn\x1b[39m x', 'stdout'), 'warn');
});

test('stderr alone is no error, and a system line is info', () => {
  assert.equal(detectLevel('Cloning into x...', 'stderr'), 'info');
  assert.equal(detectLevel('ERROR: x', 'stderr'), 'error');
  assert.equal(detectLevel('ERROR: x', 'system'), 'info');
});

test('what comes late in a line names no level', () => {
  assert.equal(detectLevel(`${'word '.repeat(200)}[error] ERROR: x`, 'stdout'), 'info');
});

test('any text has a level', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '{"',
      '"level":',
      'error',
      'ERROR',
      'warn',
      '[',
      ']',
      '(',
      '<3>',
      '2024-01-15 10:00:00 ',
      'a=',
      '"',
      '\\',
      ':',
      ' ',
      '##[',
      '::',
      '\x1b[',
    ),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece), fc.constantFrom('stdout', 'stderr'), (pieces, stream) => {
      assert.ok(LEVELS.includes(detectLevel(pieces.join(''), stream)));
    }),
    { numRuns: 1000 },
  );
});
