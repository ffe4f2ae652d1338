import { backoffMs, heededMs } from './backoff';
import { type ApiError, StreamError } from './client-errors';
import { mayStandAtEnd, type Place } from './line-sequence';
import type { DisconnectReason } from './stream-options';
import type { StreamState } from './stream-state';
import {
  isOpen,
  type Machine,
  type Moment,
  positionOf,
  resetTo,
  STABLE_MS,
  type Step,
  type StreamerAction,
  type StreamPolicy,
  unchanged,
  withPlace,
} from './streamer-machine';
import type { Closing } from './transport';

/** How connections of the state machine begin and end. */

export function open(machine: Machine, policy: StreamPolicy, moment: Moment): Step {
  const position = positionOf(machine.state);
  const attempt = machine.attempt + 1;
  const start =
    position.cursor !== undefined ? { after: position.cursor } : policy.tail !== undefined ? { tail: policy.tail } : {};
  return {
    machine: {
      ...machine,
      state: { kind: 'connecting', ...position },
      attempt,
      since: moment.now,
      heardAt: moment.now,
      told: false,
      moved: false,
      unreadable: 0,
    },
    actions: [{ type: 'open', attempt, start }],
  };
}

export function disconnect(machine: Machine, at: Place | undefined): Step {
  const { kind } = machine.state;
  const stopped = leave(machine, { kind: 'idle' }, { kind: 'closed', willReconnect: false });
  const actions: StreamerAction[] = isOpen(kind) ? [{ type: 'close', suspect: false }, ...stopped.actions] : [];
  return { machine: at === undefined ? stopped.machine : withPlace(stopped.machine, at), actions };
}

/** The transport reports that its connection is over. */
export function closed(machine: Machine, closing: Closing, policy: StreamPolicy, moment: Moment): Step {
  switch (closing.outcome) {
    case 'ended':
      return ended(machine, policy, moment);
    case 'reset': {
      const { machine: next, actions } = lose(resetTo(machine, closing.event), {}, policy, moment);
      return { machine: next, actions: [{ type: 'reset', event: closing.event }, ...actions] };
    }
    case 'refused':
      return fail(machine, closing.error, 'refused');
    case 'lost':
      return lose(machine, closing, policy, moment);
  }
}

/** Only the server can end a run's stream; a proxy that closes politely in its midst has lost it. */
function ended(machine: Machine, policy: StreamPolicy, moment: Moment): Step {
  const { cursor } = machine.state;
  if (policy.scope === 'all' || cursor === undefined || !mayStandAtEnd(cursor))
    return lose(machine, {}, policy, moment);
  return leave(machine, { kind: 'ended' }, { kind: 'ended', willReconnect: false });
}

/** Our own decision to give up a connection and make another. */
export function abandon(machine: Machine, error: StreamError, policy: StreamPolicy, moment: Moment): Step {
  const step = lose(machine, { error }, policy, moment);
  return { machine: step.machine, actions: [{ type: 'close', suspect: error.kind !== 'gap' }, ...step.actions] };
}

interface Loss {
  error?: ApiError | StreamError;
  retryAfterMs?: number;
  delayMs?: number;
}

/** The connection is gone: plan the next one, or fail. */
function lose(machine: Machine, loss: Loss, policy: StreamPolicy, moment: Moment): Step {
  const wasStable = machine.moved || (machine.told && moment.now - machine.since >= STABLE_MS);
  const failures = (wasStable ? 0 : machine.failures) + (moment.online ? 1 : 0);
  const tries = (wasStable ? 0 : machine.tries) + 1;
  if (policy.maxReconnectAttempts === 0) {
    const error = loss.error ?? new StreamError('connection', 'The server closed the stream.');
    return fail(machine, error, 'lost');
  }
  if (failures > policy.maxReconnectAttempts) {
    const text = `The stream was lost, and ${policy.maxReconnectAttempts} attempts to connect again failed.`;
    return fail(machine, new StreamError('gave-up', text, loss.error), 'lost');
  }
  const at = moment.now + (loss.delayMs ?? backoffMs(tries, moment.random, loss.retryAfterMs));
  const error = loss.error && { error: loss.error };
  const state: StreamState = moment.online
    ? { kind: 'reconnecting', attempt: failures, at, ...error }
    : { kind: 'offline', at, ...error };
  const step = leave(machine, state, { kind: 'lost', willReconnect: true, ...error });
  const notBefore = moment.now + heededMs(loss.retryAfterMs);
  return {
    machine: { ...step.machine, failures, tries, notBefore },
    actions: loss.error ? [{ type: 'error', error: loss.error }, ...step.actions] : step.actions,
  };
}

function fail(machine: Machine, error: ApiError | StreamError, kind: 'lost' | 'refused'): Step {
  const step = leave(machine, { kind: 'failed', error }, { kind, willReconnect: false, error });
  return { machine: step.machine, actions: [{ type: 'error', error }, ...step.actions] };
}

/** Goes over into a state without connection; tells it where the connection was told. */
export function leave(machine: Machine, state: StreamState, reason: DisconnectReason): Step {
  const next: Machine = { ...machine, state: { ...state, ...positionOf(machine.state) }, told: false };
  return machine.told ? { machine: next, actions: [{ type: 'disconnected', reason }] } : unchanged(next);
}
