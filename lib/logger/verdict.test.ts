import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, judgeIngest } from './verdict';

test('what a server says reaches a terminal as one short line without control characters', () => {
  const detail = `No \x1b[2J\x1b]0;title\x07\r\nstratal: all is well\u202e\u2028\x9b31m ${'x'.repeat(10_000)}`;
  for (const verdict of [judge, judgeIngest].map((ask) => ask({ status: 403, body: { detail } }))) {
    assert.equal(verdict.kind, 'refused');
    const reason = 'reason' in verdict ? verdict.reason : '';
    assert.match(reason, /^it answers 403: No \[2J \]0;title stratal: all is well 31m x+$/);
    assert.ok(reason.length < 600);
  }
});
