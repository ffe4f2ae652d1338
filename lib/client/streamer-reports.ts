import type { ConnectedEvent, ProgressEvent, RunEndEvent } from '@/lib/protocol/stream-events';
import { StreamError } from './client-errors';
import {
  admitCursor,
  admitGlobalLines,
  admitRunLines,
  type Gap,
  lineOf,
  type Place,
  type Reading,
} from './line-sequence';
import { abandon, closed, leave } from './streamer-connection';
import {
  isConnected,
  type Machine,
  type Moment,
  resetTo,
  type Step,
  type StreamerAction,
  type StreamPolicy,
  unchanged,
  withPlace,
} from './streamer-machine';
import type { TransportEvent } from './transport';

/** What the transport of the newest attempt reports. */
export function onReport(machine: Machine, event: TransportEvent, policy: StreamPolicy, moment: Moment): Step {
  switch (event.type) {
    case 'accepted':
      return unchanged(machine.state.cursor === undefined ? withPlace(machine, { cursor: event.cursor }) : machine);
    case 'connected':
      return connected(machine, event.event, policy, moment);
    case 'lines':
      return lines(machine, event, policy, moment);
    case 'progress':
      return progress(machine, event.event, policy, moment);
    case 'reset':
      return { machine: follow(resetTo(machine, event.event)), actions: [event] };
    case 'run-end':
      return policy.scope === 'run' ? runEnd(machine, event.event, policy, moment) : passEnd(machine, event.event);
    case 'partial':
      return { machine: follow(machine), actions: [event] };
    case 'malformed': {
      const heard = isConnected(machine.state.kind) ? follow(machine) : machine;
      return {
        machine: { ...heard, unreadable: machine.unreadable + event.lines },
        actions: [{ type: 'error', error: event.error }],
      };
    }
    case 'closed':
      return closed(machine, event, policy, moment);
  }
}

function connected(machine: Machine, event: ConnectedEvent, policy: StreamPolicy, moment: Moment): Step {
  const { status, last } = event;
  const placed = withPlace(
    machine,
    policy.scope === 'run' ? startOf(machine.state, event) : pick(machine.state, event),
  );
  const state = { ...placed.state, ...(status && { status }), ...(last !== undefined && { head: last }) };
  const next = follow({ ...placed, state });
  if (isConnected(machine.state.kind)) return unchanged(next);
  return { machine: { ...next, told: true, since: moment.now }, actions: [{ type: 'connected', event }] };
}

/** Of the own cursor and the server's the one that says more: a line number alone lacks epoch and run. */
function startOf(own: Place, { cursor, first = 1 }: ConnectedEvent): Place {
  const line = lineOf(cursor);
  if (line === undefined) return own.cursor === undefined ? { cursor } : own;
  if (own.line === undefined) return { cursor, line: Math.max(line, first - 1) };
  return line === own.line && own.cursor === String(own.line) ? { cursor, line } : own;
}

function pick(own: Place, event: ConnectedEvent): Place {
  return { cursor: own.cursor ?? event.cursor };
}

function lines(
  machine: Machine,
  event: Extract<TransportEvent, { type: 'lines' }>,
  policy: StreamPolicy,
  moment: Moment,
): Step {
  const reading = readingOf(machine, policy);
  const admission =
    policy.scope === 'run'
      ? admitRunLines(machine.state, event.lines, reading)
      : admitGlobalLines(machine.state, event.lines);
  let { place, gap } = admission;
  const unreadable = admission.lines.length > 0 ? 0 : machine.unreadable;
  if (!gap && event.cursor !== undefined) {
    ({ place, gap } = admitCursor(place, event.cursor, { ...reading, unreadable }));
  }
  const moved = machine.moved || admission.lines.length > 0;
  const next = follow(withPlace({ ...machine, moved, unreadable }, place));
  const deliver: StreamerAction[] =
    admission.lines.length > 0 ? [{ type: 'deliver', lines: admission.lines, cursor: place.cursor ?? '' }] : [];
  if (!gap) return { machine: next, actions: deliver };
  const step = repair(next, gap, policy, moment);
  return { machine: step.machine, actions: [...deliver, ...step.actions] };
}

function progress(machine: Machine, event: ProgressEvent, policy: StreamPolicy, moment: Moment): Step {
  const head = event.last === undefined ? {} : { head: event.last };
  const { place, gap } = admitCursor(machine.state, event.cursor, readingOf(machine, policy));
  if (gap) return repair(machine, gap, policy, moment);
  const placed = withPlace({ ...machine, unreadable: 0 }, place);
  return {
    machine: follow({ ...placed, state: { ...placed.state, ...head } }),
    actions: [{ type: 'progress', event }],
  };
}

function runEnd(machine: Machine, event: RunEndEvent, policy: StreamPolicy, moment: Moment): Step {
  const { end, line } = machine.state;
  const missing = line === undefined ? 0 : event.last - line;
  if (!policy.filtered && missing > machine.unreadable) {
    return repair(machine, { after: event.last - missing, found: event.last + 1 }, policy, moment);
  }
  const place = { cursor: event.cursor, line: Math.max(line ?? 0, event.last) };
  const state = { ...machine.state, status: event.status, head: event.last, end: event };
  const left = leave(
    withPlace({ ...machine, state }, place),
    { kind: 'ended' },
    { kind: 'ended', willReconnect: false },
  );
  const told: StreamerAction[] = end?.cursor === event.cursor ? [] : [{ type: 'run-end', event }];
  return { machine: left.machine, actions: [...told, { type: 'close', suspect: false }, ...left.actions] };
}

/** On the stream of all runs an end is a step like a line. */
function passEnd(machine: Machine, event: RunEndEvent): Step {
  const { place } = admitCursor(machine.state, event.cursor, { filtered: true, unreadable: 0 });
  const isNew = place.cursor === event.cursor && machine.state.cursor !== event.cursor;
  return { machine: follow(withPlace(machine, place)), actions: isNew ? [{ type: 'run-end', event }] : [] };
}

/** Lines are missing: ask for them again, from the newest one that is there. */
function repair(machine: Machine, gap: Gap, policy: StreamPolicy, moment: Moment): Step {
  const text = `The lines after ${gap.after} up to ${gap.found - 1} did not arrive; asking for them again.`;
  return abandon(machine, new StreamError('gap', text), policy, moment);
}

function readingOf(machine: Machine, policy: StreamPolicy): Reading {
  return { filtered: policy.filtered, unreadable: machine.unreadable };
}

/** The kind of a connected stream after news. What is live stays live: the next connection judges anew. */
function follow(machine: Machine): Machine {
  const { state } = machine;
  if (state.kind === 'live') return machine;
  const { line, head } = state;
  const isBehind = line !== undefined && head !== undefined && line < head;
  return { ...machine, state: { ...state, kind: isBehind ? 'catching-up' : 'live' } };
}
