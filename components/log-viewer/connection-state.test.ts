import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, StreamError } from '@/lib/client/client-errors';
import type { StreamState } from '@/lib/client/stream-state';
import { describeStream } from './connection-state';

const NOW = 1_000_000;

function textOf(stream: StreamState, isFollowing = true): string {
  return describeStream(stream, isFollowing, { now: NOW }).text;
}

test('each state of a stream is told as it was measured', () => {
  assert.equal(textOf({ kind: 'live' }), 'Live');
  assert.equal(textOf({ kind: 'live' }, false), 'Paused');
  assert.equal(textOf({ kind: 'catching-up', line: 1000, head: 201_000 }), 'Catching up, 200K to go');
  assert.equal(textOf({ kind: 'silent', since: NOW - 900 }), 'Server silent');
  assert.equal(textOf({ kind: 'ended' }), 'Ended');
  assert.equal(textOf({ kind: 'offline', at: NOW }), 'Offline');
});

test('a countdown never shows zero or less, and nothing while the clock is unknown', () => {
  const lost = (at: number): StreamState => ({ kind: 'reconnecting', attempt: 1, at });
  assert.equal(textOf(lost(NOW + 2001)), 'Reconnecting in 3 s');
  assert.equal(textOf(lost(NOW - 5)), 'Reconnecting…');
  assert.equal(describeStream(lost(NOW + 2001), true, {}).text, 'Reconnecting…');
});

test('another try is offered only where it can help', () => {
  const refused = new ApiError({ type: 'about:blank', title: 'No such job run', status: 404, detail: 'x', code: 'y' });
  const shown = describeStream({ kind: 'failed', error: refused }, true, { now: NOW });
  assert.deepEqual([shown.text, shown.canRetry], ['No such job run', false]);
  assert.equal(
    describeStream({ kind: 'failed', error: new StreamError('gave-up', 'x') }, true, { now: NOW }).canRetry,
    true,
  );
});

test('a run that has not started, and one that was lost, are told as what they are', () => {
  assert.equal(describeStream({ kind: 'live' }, true, { status: 'pending' }).text, 'Not started yet');
  assert.equal(describeStream({ kind: 'ended' }, true, { status: 'lost' }).text, 'Lost');
  const silent = describeStream({ kind: 'silent', since: NOW - 4200 }, true, { now: NOW });
  assert.equal(silent.text, 'Server silent for 4 s');
});
