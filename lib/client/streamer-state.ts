import { StreamError } from './client-errors';
import { abandon, disconnect, open } from './streamer-connection';
import {
  CONNECT_TIMEOUT_MS,
  FILTERED_QUIET_MS,
  isConnected,
  isOpen,
  type Machine,
  type Moment,
  SILENCE_MAX_MS,
  SILENT_AFTER_MS,
  type Step,
  type StreamerEvent,
  type StreamPolicy,
  unchanged,
} from './streamer-machine';
import { onReport } from './streamer-reports';

/**
 * The stream's state machine: no I/O, no clock, no chance of its own. An event and a moment give the next machine and what
 * is to be done.
 *
 *     idle ──connect──▶ connecting ──connected──▶ catching-up ──▶ live ◀──▶ silent
 *      ▲                 ▲   │ lost                    └────────┬──┴──────────┘
 *      │ disconnect      │   ▼                              lost│ run-end │ refused
 *    (any)               └─ reconnecting | offline ◀────────────┤         │    │
 *                  tick, wake       │ no attempts left          │         ▼    ▼
 *                                   └───────────────────────────┴──▶ ended   failed ──connect──▶ connecting
 *
 * Reports carry the id of their attempt; those of any but the newest are stale and change nothing.
 */
export function transition(machine: Machine, event: StreamerEvent, policy: StreamPolicy, moment: Moment): Step {
  const { kind } = machine.state;
  if ('attempt' in event) {
    if (event.attempt !== machine.attempt || !isOpen(kind)) return unchanged(machine);
    return onReport({ ...machine, heardAt: moment.now }, event, policy, moment);
  }
  switch (event.type) {
    case 'connect':
      if (isOpen(kind)) return unchanged(machine);
      // Someone who calls connect() in onError must still run out of attempts.
      if (kind === 'reconnecting' || kind === 'offline') return open(machine, policy, moment);
      return open({ ...machine, failures: 0, tries: 0 }, policy, moment);
    case 'disconnect':
      return disconnect(machine, event.at);
    case 'wake':
      return wake(machine, policy, moment);
    case 'tick':
      return tick(machine, policy, moment);
  }
}

/** When the machine wants its next `tick`, or undefined where time changes nothing. */
export function deadline(machine: Machine, policy: StreamPolicy): number | undefined {
  const { state, since, heardAt } = machine;
  switch (state.kind) {
    case 'connecting':
      return since + CONNECT_TIMEOUT_MS;
    case 'catching-up':
      return heardAt + (policy.filtered ? FILTERED_QUIET_MS : SILENT_AFTER_MS);
    case 'live':
      return heardAt + SILENT_AFTER_MS;
    case 'silent':
      return heardAt + SILENCE_MAX_MS;
    case 'reconnecting':
    case 'offline':
      return state.at;
    case 'idle':
    case 'ended':
    case 'failed':
      return undefined;
  }
}

/** Timers stand still while a machine sleeps: on waking, a connection that is overdue is dead. */
function wake(machine: Machine, policy: StreamPolicy, moment: Moment): Step {
  const { kind } = machine.state;
  if (kind === 'reconnecting' || kind === 'offline') {
    return moment.now < machine.notBefore ? unchanged(machine) : open(machine, policy, moment);
  }
  if (!isConnected(kind) || moment.now < machine.heardAt + SILENT_AFTER_MS) return unchanged(machine);
  const step = abandon(machine, silence(machine, moment), policy, moment);
  if (!isWaiting(step.machine)) return step;
  const opened = open(step.machine, policy, moment);
  return { machine: opened.machine, actions: [...step.actions, ...opened.actions] };
}

function tick(machine: Machine, policy: StreamPolicy, moment: Moment): Step {
  const due = deadline(machine, policy);
  if (due === undefined || moment.now < due) return unchanged(machine);
  const { state } = machine;
  switch (state.kind) {
    case 'connecting': {
      const text = `The server did not answer for ${CONNECT_TIMEOUT_MS / 1000} s.`;
      return abandon(machine, new StreamError('connection', text), policy, moment);
    }
    case 'catching-up':
      if (policy.filtered) return unchanged({ ...machine, state: { ...state, kind: 'live' } });
      return unchanged({ ...machine, state: { ...state, kind: 'silent', since: machine.heardAt } });
    case 'live':
      return unchanged({ ...machine, state: { ...state, kind: 'silent', since: machine.heardAt } });
    case 'silent':
      return abandon(machine, silence(machine, moment), policy, moment);
    case 'reconnecting':
    case 'offline':
      return open(machine, policy, moment);
    case 'idle':
    case 'ended':
    case 'failed':
      return unchanged(machine);
  }
}

function isWaiting({ state }: Machine): boolean {
  return state.kind === 'reconnecting' || state.kind === 'offline';
}

function silence(machine: Machine, { now }: Moment): StreamError {
  const seconds = Math.round((now - machine.heardAt) / 1000);
  return new StreamError('silent', `Nothing was heard from the server for ${seconds} s; connecting again.`);
}
