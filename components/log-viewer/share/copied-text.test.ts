import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogMessage } from '@/lib/protocol/log-message';
import { copiedText, markdownText } from './copied-text';

function line(id: number, message: string, more: Partial<LogMessage> = {}): LogMessage {
  return {
    id,
    job_run_id: 'run',
    timestamp: `2026-01-31T10:30:${String(id % 60).padStart(2, '0')}.500Z`,
    level: 'info',
    stream: 'stdout',
    message,
    ...more,
  };
}

const SOURCE = { jobName: 'deploy', url: 'http://localhost/job-runs/r?line=1-2#L1-L2' };

test('text has no colours and no control characters but tabs', () => {
  assert.equal(copiedText([line(1, '\x1b[31mred\x1b[0m\tplain'), line(2, 'a\x00b\x07c\x9b1md')]), 'red\tplain\nabcd');
  assert.equal(copiedText([line(1, '\x1b]8;;https://example.com\x07link\x1b]8;;\x07')]), 'link');
});

test('redrawn lines are as a terminal leaves them', () => {
  assert.equal(copiedText([line(1, '10%\r50%\r100%')]), '100%');
  assert.equal(copiedText([line(1, 'abc\b\bX')]), 'aXc');
  assert.equal(copiedText([line(1, 'ends so\r')]), 'ends so');
});

test('parts of a split line are one line again, with the first part’s time', () => {
  const parts = [line(1, 'one ', { continues: true }), line(2, 'line', {}), line(3, 'next')];
  assert.equal(copiedText(parts), 'one line\nnext');
  assert.equal(copiedText(parts, 'times'), '2026-01-31T10:30:01.500Z one line\n2026-01-31T10:30:03.500Z next');
});

test('an escape sequence that was split is none of the text', () => {
  assert.equal(copiedText([line(1, 'a\x1b[3', { continues: true }), line(2, '1mb')]), 'ab');
});

test('a part is joined to nothing but its own continuation', () => {
  const open = line(1, 'open', { continues: true });
  assert.equal(copiedText([open, line(2, 'other', { stream: 'stderr' })]), 'open\nother');
  assert.equal(copiedText([open, line(2, 'other', { task_run_id: 't' })]), 'open\nother');
  assert.equal(copiedText([open, line(5, 'later')]), 'open\nlater');
  assert.equal(copiedText([open]), 'open');
});

test('Markdown has a fence longer than any inside, and a link that nothing in the name breaks', () => {
  const text = markdownText([line(1, '```js'), line(2, 'a ````` b')], SOURCE);
  assert.equal(
    text,
    '[deploy · lines 1–2](http://localhost/job-runs/r?line=1-2#L1-L2)\n\n``````\n```js\na ````` b\n``````\n',
  );
  const odd = markdownText([line(7, 'x')], { jobName: 'a]b *c*\nd', url: 'http://h/(x)' });
  assert.equal(odd, '[a\\]b \\*c\\* d · line 7](http://h/%28x%29)\n\n```\nx\n```\n');
});

test('whatever the text, no control character is copied', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 5 }), (messages) => {
      const text = copiedText(messages.map((message, index) => line(index + 1, message)));
      assert.doesNotMatch(text, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
    }),
  );
});
