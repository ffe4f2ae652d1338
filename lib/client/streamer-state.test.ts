import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BACKOFF_MAX_MS, DEMAND_MAX_MS } from './backoff';
import { ApiError, StreamError, toProblem } from './client-errors';
import { FILTERED_QUIET_MS, SILENCE_MAX_MS, STABLE_MS } from './streamer-machine';
import { deadline } from './streamer-state';
import { Driven, IN, lostError, runEnd } from './testing/driven-machine';
import { cursorAt, makeLine, makeLines } from './testing/fixtures';

const lost = { type: 'closed', outcome: 'lost', error: lostError } as const;

describe('where a stream begins', () => {
  test('a cursor beats the tail, and the tail serves until there is a cursor', () => {
    assert.deepEqual(new Driven({ tail: 5 }, cursorAt(7)).do({ type: 'connect' }).last, [
      { type: 'open', attempt: 1, start: { after: cursorAt(7) } },
    ]);
    const tailing = new Driven({ tail: 5 }).do({ type: 'connect' });
    assert.deepEqual(tailing.last, [{ type: 'open', attempt: 1, start: { tail: 5 } }]);
    assert.deepEqual(tailing.report(lost).due().last, [{ type: 'open', attempt: 2, start: { tail: 5 } }]);
    assert.deepEqual(tailing.connected(100, 95).report(lost).due().last, [
      { type: 'open', attempt: 3, start: { after: cursorAt(95) } },
    ]);
  });

  test('a line number becomes a cursor with epoch and run as soon as the server names one', () => {
    const driven = new Driven({}, 7).do({ type: 'connect' }).connected(9, 7);
    assert.equal(driven.machine.state.cursor, cursorAt(7));
    driven.report({ type: 'lines', lines: makeLines(8, 9) });
    assert.equal(driven.machine.state.cursor, cursorAt(9));
  });

  test('a run that lost its oldest lines begins with its first one', () => {
    const driven = new Driven({}, 0).do({ type: 'connect' });
    driven.report({ type: 'connected', event: { cursor: cursorAt(0), first: 501, last: 510 } });
    driven.report({ type: 'lines', lines: makeLines(501, 510), cursor: cursorAt(510) });
    assert.equal(driven.kind, 'live');
    assert.equal(driven.machine.state.line, 510);
  });
});

describe('lines', () => {
  test('before a hole are delivered, and those behind it asked for again', () => {
    const driven = IN.live().report({ type: 'lines', lines: [makeLine(2), makeLine(3), makeLine(5)] });
    assert.deepEqual(driven.types(), ['deliver', 'close', 'error', 'disconnected']);
    assert.deepEqual(driven.last[0], { type: 'deliver', lines: [makeLine(3)], cursor: cursorAt(3) });
    assert.deepEqual(driven.due().last, [{ type: 'open', attempt: 2, start: { after: cursorAt(3) } }]);
  });

  test('that a batch’s cursor counts and its lines do not hold are asked for again', () => {
    const driven = IN.live().report({ type: 'lines', lines: [makeLine(3)], cursor: cursorAt(4) });
    assert.equal(driven.kind, 'reconnecting');
    assert.equal(driven.machine.state.line, 3);
  });

  test('that could not be read are passed over, and the stream goes on', () => {
    const driven = IN.live().report({ type: 'malformed', error: lostError, lines: 1 });
    driven.report({ type: 'lines', lines: [makeLine(4)], cursor: cursorAt(4) });
    assert.equal(driven.kind, 'live');
    assert.equal(driven.report({ type: 'lines', lines: [makeLine(6)] }).kind, 'reconnecting');
  });

  test('the heartbeat shows a hole that no later line shows', () => {
    const driven = IN.live().report({ type: 'progress', event: { cursor: cursorAt(3), last: 3, at: 'now' } });
    assert.deepEqual(driven.types(), ['close', 'error', 'disconnected']);
    assert.equal(driven.machine.state.line, 2);
  });

  test('a filtered stream moves on with the heartbeat and is live after a quiet second', () => {
    const driven = new Driven({ filtered: true }).do({ type: 'connect' }).connected(90_000);
    assert.equal(driven.kind, 'catching-up');
    assert.equal(deadline(driven.machine, driven.policy), driven.now + FILTERED_QUIET_MS);
    driven.report({ type: 'progress', event: { cursor: cursorAt(10_000), last: 90_000, at: 'now' } });
    assert.equal(driven.machine.state.cursor, cursorAt(10_000));
    assert.equal(driven.due().kind, 'live');
  });
});

describe('the end of a run', () => {
  test('is told once, also where a resume is answered with it again', () => {
    const driven = IN.ended();
    assert.deepEqual(driven.types(), ['run-end', 'close', 'disconnected']);
    driven.do({ type: 'connect' }).connected(2, 2).report(runEnd(2));
    assert.equal(driven.kind, 'ended');
    assert.deepEqual(driven.types(), ['close', 'disconnected']);
  });

  test('is believed without an event where the cursor stands at one, and only there', () => {
    const atEnd = new Driven({}, cursorAt(2, 1)).do({ type: 'connect' });
    assert.equal(atEnd.report({ type: 'closed', outcome: 'ended' }).kind, 'ended');
    assert.equal(IN.live().report({ type: 'closed', outcome: 'ended' }).kind, 'reconnecting');
  });

  test('ends nothing on the stream of all runs', () => {
    const driven = new Driven({ scope: 'all' }).do({ type: 'connect' });
    driven.report({ type: 'connected', event: { cursor: 'e1-g7.0' } });
    const event = { cursor: 'e1-g8.1', job_run_id: 'run-1', status: 'completed' as const, last: 2 };
    assert.deepEqual(driven.report({ type: 'run-end', event }).types(), ['run-end']);
    assert.deepEqual(driven.report({ type: 'run-end', event }).types(), []);
    assert.equal(driven.kind, 'live');
    assert.equal(driven.machine.state.cursor, 'e1-g8.1');
  });
});

test('a reset names where the stream goes on, and what was known of the old log is forgotten', () => {
  const driven = IN.ended().do({ type: 'connect' });
  const cursor = cursorAt(0, undefined, 'e2');
  driven.report({ type: 'reset', event: { cursor, reason: 'epoch', first: 1, last: 9 } });
  assert.deepEqual(driven.machine.state, { kind: 'catching-up', cursor, line: 0, head: 9, status: 'completed' });
  driven.report({ type: 'lines', lines: [makeLine(1)] });
  assert.equal(driven.machine.state.cursor, cursorAt(1, undefined, 'e2'));
});

describe('attempts', () => {
  test('run out after maxReconnectAttempts in a row', () => {
    const driven = new Driven({ maxReconnectAttempts: 2 }).do({ type: 'connect' });
    assert.deepEqual(driven.report(lost).machine.state, {
      kind: 'reconnecting',
      attempt: 1,
      at: driven.now + 500,
      error: lostError,
    });
    driven.due().report(lost).due();
    assert.equal(driven.kind, 'connecting');
    driven.report(lost);
    assert.equal(driven.kind, 'failed');
    const { error } = driven.machine.state as { error?: unknown };
    assert.ok(error instanceof StreamError && error.kind === 'gave-up' && error.cause === lostError);
  });

  test('count anew after a line', () => {
    const driven = new Driven({ maxReconnectAttempts: 1 }).do({ type: 'connect' }).report(lost).due().connected();
    driven.report({ type: 'lines', lines: [makeLine(1)] });
    assert.equal(driven.report(lost).kind, 'reconnecting');
  });

  test('count anew after a stable connection, and go on counting after a short one', () => {
    const driven = new Driven({ maxReconnectAttempts: 1 }).do({ type: 'connect' }).report(lost).due().connected();
    assert.equal(driven.later(STABLE_MS).report(lost).kind, 'reconnecting');
    assert.equal(driven.due().connected().report(lost).kind, 'failed');
  });

  test('without network do not count', () => {
    const driven = new Driven({ maxReconnectAttempts: 1 }).do({ type: 'connect' });
    driven.online = false;
    for (let tries = 0; tries < 5; tries += 1) driven.report(lost).due();
    assert.equal(driven.kind, 'connecting');
    assert.equal(driven.report(lost).kind, 'offline');
  });

  test('that a program makes in onError count too', () => {
    const driven = new Driven({ maxReconnectAttempts: 1 }).do({ type: 'connect' });
    driven.report(lost).do({ type: 'connect' }).report(lost);
    assert.equal(driven.kind, 'failed');
    assert.equal(driven.do({ type: 'connect' }).report(lost).kind, 'reconnecting');
  });

  test('wait longer each time, up to the bound', () => {
    const driven = new Driven().do({ type: 'connect' });
    const delays = Array.from({ length: 7 }, () => {
      const at = driven.report(lost).now;
      return driven.due().now - at;
    });
    assert.deepEqual(delays, [500, 1000, 2000, 4000, 8000, BACKOFF_MAX_MS / 2, BACKOFF_MAX_MS / 2]);
  });

  test('wait for Retry-After, whatever wakes us', () => {
    const error = new ApiError(toProblem(503, undefined), { retryAfterMs: 7000 });
    const driven = IN.connecting().report({ type: 'closed', outcome: 'lost', error, retryAfterMs: 7000 });
    assert.equal(deadline(driven.machine, driven.policy), driven.now + 7000);
    assert.equal(driven.later(6999).do({ type: 'wake' }).kind, 'reconnecting');
    assert.equal(driven.later(1).do({ type: 'wake' }).kind, 'connecting');
  });

  test('wait some minutes where the server demands days', () => {
    const driven = IN.connecting().report({ type: 'closed', outcome: 'lost', retryAfterMs: 999_999_999_000 });
    assert.equal(deadline(driven.machine, driven.policy), driven.now + DEMAND_MAX_MS);
    assert.equal(driven.later(DEMAND_MAX_MS).do({ type: 'wake' }).kind, 'connecting');
  });

  test('of a transport that connects by itself are made when it does', () => {
    const driven = IN.connecting().report({ type: 'closed', outcome: 'lost', delayMs: 1234 });
    assert.equal(deadline(driven.machine, driven.policy), driven.now + 1234);
  });

  test('none where autoReconnect is off: the loss is the failure', () => {
    const driven = new Driven({ maxReconnectAttempts: 0 }).do({ type: 'connect' }).connected();
    driven.report(lost);
    assert.deepEqual(driven.types(), ['error', 'disconnected']);
    assert.equal(driven.kind, 'failed');
  });
});

describe('silence', () => {
  test('makes a dead connection known, then replaced', () => {
    const driven = IN.live();
    const heardAt = driven.now;
    assert.equal(driven.due().kind, 'silent');
    driven.due();
    assert.equal(driven.now, heardAt + SILENCE_MAX_MS);
    assert.deepEqual(driven.types(), ['close', 'error', 'disconnected']);
    assert.deepEqual(driven.last[0], { type: 'close', suspect: true });
  });

  test('is over with any event, also one that cannot be read', () => {
    for (const event of [
      { type: 'malformed', error: lostError, lines: 0 },
      { type: 'lines', lines: [] },
    ] as const) {
      assert.equal(IN.silent().report(event).kind, 'live');
    }
  });
});

test('disconnect in the midst of a batch goes on behind the last line that was handed over', () => {
  const driven = IN.live().report({ type: 'lines', lines: makeLines(3, 9) });
  driven.do({ type: 'disconnect', at: { cursor: cursorAt(5), line: 5 } }).do({ type: 'connect' });
  assert.deepEqual(driven.last, [{ type: 'open', attempt: 2, start: { after: cursorAt(5) } }]);
});

test('each connect is told one disconnect', () => {
  const driven = new Driven().do({ type: 'connect' });
  assert.deepEqual(driven.do({ type: 'disconnect' }).types(), ['close']);
  assert.deepEqual(driven.do({ type: 'connect' }).connected().types(), ['connected']);
  assert.deepEqual(driven.do({ type: 'disconnect' }).types(), ['close', 'disconnected']);
  assert.deepEqual(driven.do({ type: 'disconnect' }).types(), []);
});

test('a report of an earlier attempt changes nothing', () => {
  const driven = IN.live().report(lost).due().connected(2, 2);
  const { machine } = driven;
  driven.do({ type: 'lines', lines: [makeLine(3)], attempt: machine.attempt - 1 });
  driven.do({ ...lost, attempt: machine.attempt - 1 });
  assert.equal(driven.machine, machine);
});
