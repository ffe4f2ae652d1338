import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Level } from '@/lib/protocol/log-message';
import { detectLevel } from './detect-level';

const cases = (level: Level, ...lines: string[]) => lines.map((line): [line: string, level: Level] => [line, level]);

const LINES = [
  ...cases(
    'error',
    '{"level":50,"msg":"x"}',
    '{"level":60,"time":1}',
    '{"level":"error","message":"x"}',
    '{"level":"FATAL"}',
    '{"name":"app","hostname":"h","pid":1,"level":50,"msg":"x"}',
    '{"severity":"CRITICAL","message":"x"}',
    '{"lvl":"err"}',
    '{"@timestamp":"2024-01-15T10:00:00Z","log.level":"ERROR"}',
    '{"@timestamp":"x","log":{"logger":"a","level":"error"}}',
    '{ "PRIORITY" : "3", "MESSAGE" : "x" }',
    '{"severityNumber":17}',
    '{"Timestamp":"x","Level":"Error"}',
    '{"@t":"x","@l":"Fatal"}',
    '{"t":{"$date":"x"},"s":"E","c":"NETWORK"}',
    `{"message":"${'x'.repeat(1000)}","level":"error"}`,
    '{"a":"quote \\" and {","b":[{"level":"info"}],"level":"error"}',
  ),
  ...cases('warn', '{"level":40}', '{"level":"warning"}', '{"severityText":"WARN2"}'),
  ...cases('debug', '{"level":20}', '{"level":"trace"}', '{"lvl":"DEBUG5"}', '{"level":"silly"}'),
  ...cases(
    'info',
    '{"level":30,"error":"boom","msg":"ERROR: x"}',
    '{"error":null}',
    '{"msg":"ERROR: x"}',
    '{"msg":"[error] \\"level\\":\\"error\\""}',
    '{"err":{"level":"error"}}',
    '{"levels":["error"]}',
    '{"level":"loud"}',
    '{"level":35}',
    '{"level":{"error":1}}',
    '{"status":"ERROR"}',
    '{"level":"err',
    '{',
    '{}',
  ),
  ...cases('error', '{error} ERROR: not JSON'),
];

for (const [line, level] of LINES) {
  test(`${line.slice(0, 80)} is ${level}`, () => assert.equal(detectLevel(line, 'stdout'), level));
}
