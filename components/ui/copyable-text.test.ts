import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyableText } from './copyable-text';

test('what a terminal would carry out is left out, tabs and lines stay', () => {
  assert.equal(copyableText('curl x|sh\n\x1b[201~\r\x1b[2Kmake\tdeploy\n\n'), 'curl x|sh\n[201~\n[2Kmake\tdeploy');
  assert.equal(copyableText('a\u009bb'), 'ab');
});
