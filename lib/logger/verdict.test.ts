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

test('a full disk is a reason to wait, never to drop a line', () => {
  const body = { code: 'STRATAL_DISK_FULL', detail: 'The disk is nearly full.', accepted: 3, next: 3 };
  for (const ask of [judge, judgeIngest]) {
    assert.deepEqual(ask({ status: 507, body, retryAfterMs: 5000 }), {
      kind: 'again',
      reason: 'it answers 507: The disk is nearly full.',
      waitMs: 5000,
    });
  }
});
