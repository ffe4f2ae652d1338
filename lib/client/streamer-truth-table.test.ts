import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StreamStateKind } from './stream-state';
import { SILENT_AFTER_MS } from './streamer-machine';
import { type Driven, IN, lostError, refusal, runEnd } from './testing/driven-machine';
import { cursorAt, makeLine, RUN } from './testing/fixtures';

const EVENTS = {
  connect: (driven: Driven) => driven.do({ type: 'connect' }),
  disconnect: (driven: Driven) => driven.do({ type: 'disconnect' }),
  wake: (driven: Driven) => driven.do({ type: 'wake' }),
  'wake, overdue': (driven: Driven) => driven.later(SILENT_AFTER_MS).do({ type: 'wake' }),
  'tick, early': (driven: Driven) => driven.do({ type: 'tick' }),
  'tick, due': (driven: Driven) => driven.due(),
  accepted: (driven: Driven) => driven.report({ type: 'accepted', cursor: cursorAt(2) }),
  connected: (driven: Driven) => driven.connected(2, 2),
  'connected, behind': (driven: Driven) => driven.connected(9, 2),
  'the next line': (driven: Driven) => driven.report({ type: 'lines', lines: [makeLine(3)] }),
  'a line too far': (driven: Driven) => driven.report({ type: 'lines', lines: [makeLine(5)] }),
  progress: (driven: Driven) => driven.report({ type: 'progress', event: { cursor: cursorAt(2), last: 2, at: 'now' } }),
  reset: (driven: Driven) => driven.report({ type: 'reset', event: { cursor: cursorAt(4), reason: 'truncated' } }),
  'run-end': (driven: Driven) => driven.report(runEnd(2)),
  'run-end, lines missing': (driven: Driven) => driven.report(runEnd(4)),
  partial: (driven: Driven) =>
    driven.report({
      type: 'partial',
      event: { cursor: cursorAt(2), job_run_id: RUN, stream: 'stdout', message: '…', at: 'now' },
    }),
  malformed: (driven: Driven) => driven.report({ type: 'malformed', error: lostError, lines: 1 }),
  'closed: ended': (driven: Driven) => driven.report({ type: 'closed', outcome: 'ended' }),
  'closed: reset': (driven: Driven) =>
    driven.report({ type: 'closed', outcome: 'reset', event: { cursor: cursorAt(4), reason: 'expired' } }),
  'closed: refused': (driven: Driven) => driven.report({ type: 'closed', outcome: 'refused', error: refusal }),
  'closed: lost': (driven: Driven) => driven.report({ type: 'closed', outcome: 'lost' }),
  'a stale line': (driven: Driven) =>
    driven.do({ type: 'lines', lines: [makeLine(3)], attempt: driven.machine.attempt - 1 }),
} satisfies Record<string, (driven: Driven) => Driven>;

/** A cell is the next state; a missing one does not compile. */
type Row = Record<keyof typeof EVENTS, StreamStateKind>;

/** Where there is no connection, the transport is not heard. */
const deaf = (kind: StreamStateKind) =>
  ({
    'tick, early': kind,
    accepted: kind,
    connected: kind,
    'connected, behind': kind,
    'the next line': kind,
    'a line too far': kind,
    progress: kind,
    reset: kind,
    'run-end': kind,
    'run-end, lines missing': kind,
    partial: kind,
    malformed: kind,
    'closed: ended': kind,
    'closed: reset': kind,
    'closed: refused': kind,
    'closed: lost': kind,
    'a stale line': kind,
  }) satisfies Partial<Row>;

const resting = (kind: 'idle' | 'ended' | 'failed'): Row => ({
  ...deaf(kind),
  connect: 'connecting',
  disconnect: 'idle',
  wake: kind,
  'wake, overdue': kind,
  'tick, due': kind,
});

const waiting = (kind: 'reconnecting' | 'offline'): Row => ({
  ...deaf(kind),
  connect: 'connecting',
  disconnect: 'idle',
  wake: 'connecting',
  'wake, overdue': 'connecting',
  'tick, due': 'connecting',
});

const closing = {
  'closed: ended': 'reconnecting',
  'closed: reset': 'reconnecting',
  'closed: refused': 'failed',
  'closed: lost': 'reconnecting',
} as const;

const TRUTH: Record<StreamStateKind, Row> = {
  idle: resting('idle'),
  connecting: {
    ...closing,
    connect: 'connecting',
    disconnect: 'idle',
    wake: 'connecting',
    'wake, overdue': 'connecting',
    'tick, early': 'connecting',
    'tick, due': 'reconnecting',
    accepted: 'connecting',
    connected: 'live',
    'connected, behind': 'catching-up',
    // A server that forgets `connected` still delivers.
    'the next line': 'live',
    'a line too far': 'live',
    progress: 'live',
    reset: 'live',
    'run-end': 'ended',
    'run-end, lines missing': 'ended',
    partial: 'live',
    malformed: 'connecting',
    'a stale line': 'connecting',
  },
  'catching-up': {
    ...closing,
    connect: 'catching-up',
    disconnect: 'idle',
    wake: 'catching-up',
    'wake, overdue': 'connecting',
    'tick, early': 'catching-up',
    'tick, due': 'silent',
    accepted: 'catching-up',
    connected: 'live',
    'connected, behind': 'catching-up',
    'the next line': 'catching-up',
    'a line too far': 'reconnecting',
    progress: 'live',
    reset: 'live',
    'run-end': 'ended',
    'run-end, lines missing': 'reconnecting',
    partial: 'catching-up',
    malformed: 'catching-up',
    'a stale line': 'catching-up',
  },
  live: {
    ...closing,
    connect: 'live',
    disconnect: 'idle',
    wake: 'live',
    'wake, overdue': 'connecting',
    'tick, early': 'live',
    'tick, due': 'silent',
    accepted: 'live',
    connected: 'live',
    'connected, behind': 'live',
    'the next line': 'live',
    'a line too far': 'reconnecting',
    progress: 'live',
    reset: 'live',
    'run-end': 'ended',
    'run-end, lines missing': 'reconnecting',
    partial: 'live',
    malformed: 'live',
    'a stale line': 'live',
  },
  silent: {
    ...closing,
    connect: 'silent',
    disconnect: 'idle',
    wake: 'connecting',
    'wake, overdue': 'connecting',
    'tick, early': 'silent',
    'tick, due': 'reconnecting',
    accepted: 'silent',
    connected: 'live',
    'connected, behind': 'catching-up',
    'the next line': 'live',
    'a line too far': 'reconnecting',
    progress: 'live',
    reset: 'live',
    'run-end': 'ended',
    'run-end, lines missing': 'reconnecting',
    partial: 'live',
    malformed: 'live',
    'a stale line': 'silent',
  },
  reconnecting: waiting('reconnecting'),
  offline: waiting('offline'),
  ended: resting('ended'),
  failed: resting('failed'),
};

describe('the truth table', () => {
  for (const [kind, row] of Object.entries(TRUTH) as Array<[StreamStateKind, Row]>) {
    test(`of ${kind}`, () => {
      assert.equal(IN[kind]().kind, kind);
      const actual = Object.fromEntries(
        Object.entries(EVENTS).map(([name, happen]) => [name, happen(IN[kind]()).kind]),
      );
      assert.deepEqual(actual, { ...row });
    });
  }
});
