import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLineParameter, lineLink, parseLineParameter } from './line-link';

test('a line or a range, in either order', () => {
  assert.deepEqual(parseLineParameter('120'), { first: 120, last: 120 });
  assert.deepEqual(parseLineParameter('120-134'), { first: 120, last: 134 });
  assert.deepEqual(parseLineParameter('134-120'), { first: 120, last: 134 });
});

test('anything else names no lines', () => {
  for (const text of ['', '0', '0-4', 'L1', '1-', '-1', '1-2-3', '1.5', '1e3', ' 1', '1'.repeat(16)]) {
    assert.equal(parseLineParameter(text), undefined, text);
  }
});

test('the address that is copied names the lines for the server and for the browser', () => {
  assert.equal(
    lineLink('https://logs.example', 'run-1', { first: 120, last: 134 }),
    'https://logs.example/job-runs/run-1?line=120-134#L120-L134',
  );
  assert.equal(lineLink('', 'run-1', { first: 7, last: 7 }), '/job-runs/run-1?line=7#L7');
  assert.deepEqual(parseLineParameter(formatLineParameter({ first: 3, last: 9 })), { first: 3, last: 9 });
});
