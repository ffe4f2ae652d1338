import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLineParameter } from '@/lib/protocol/line-range';
import { formatLineParameter, lineLink } from './line-link';

test('the address that is copied names the lines for the server and for the browser', () => {
  assert.equal(
    lineLink('https://logs.example', 'run-1', { first: 120, last: 134 }),
    'https://logs.example/job-runs/run-1?line=120-134#L120-L134',
  );
  assert.equal(lineLink('', 'run-1', { first: 7, last: 7 }), '/job-runs/run-1?line=7#L7');
  assert.deepEqual(parseLineParameter(formatLineParameter({ first: 3, last: 9 })), { first: 3, last: 9 });
});
