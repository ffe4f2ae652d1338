import { PROGRESS_INTERVAL_MS } from '@/lib/protocol/limits';
import type { LogMessage } from '@/lib/protocol/log-message';
import type {
  ConnectedEvent,
  PartialEvent,
  ProgressEvent,
  ResetEvent,
  RunEndEvent,
} from '@/lib/protocol/stream-events';
import type { ApiError, StreamError } from './client-errors';
import { lineOf, type Place, startPlace } from './line-sequence';
import type { DisconnectReason } from './stream-options';
import type { StreamPosition, StreamState, StreamStateKind } from './stream-state';
import type { TransportEvent, TransportStart } from './transport';

/** The words of the stream's state machine: what it holds, hears, and asks to be done. `streamer-state.ts` moves it. */

/** An attempt without an answer for this long is given up. */
export const CONNECT_TIMEOUT_MS = 20_000;
/** A connection that stood this long starts the count of attempts anew. */
export const STABLE_MS = 5000;
/** The heartbeat is overdue. */
export const SILENT_AFTER_MS = 1.5 * PROGRESS_INTERVAL_MS;
/** Nothing heard for this long: the connection is dead. */
export const SILENCE_MAX_MS = 2.5 * PROGRESS_INTERVAL_MS;
/** A filtered stream that brought nothing for this long has caught up: its last match can lie far before the head. */
export const FILTERED_QUIET_MS = 1000;

/** Times are in milliseconds since the epoch. */
export interface Machine {
  readonly state: StreamState;
  /** Id of the newest attempt; 0 before the first. */
  readonly attempt: number;
  /** Reconnections planned in a row that count against `maxReconnectAttempts`. */
  readonly failures: number;
  /** The same with those made offline, for the backoff. */
  readonly tries: number;
  /** When the attempt began or, once connected, when it connected. */
  readonly since: number;
  readonly heardAt: number;
  /** `connected` was told, its counterpart was not yet. */
  readonly told: boolean;
  /** This connection brought a line. */
  readonly moved: boolean;
  /** Lines that messages since the last line may have held, had they been readable. */
  readonly unreadable: number;
  /** No attempt before this time, whatever wakes us: the server's `Retry-After`. */
  readonly notBefore: number;
}

export interface StreamPolicy {
  /** One run, whose lines are numbered and which ends; or all of them. */
  scope: 'run' | 'all';
  filtered: boolean;
  /** 0: none. */
  maxReconnectAttempts: number;
  tail?: number;
}

/** What a transition may know of the world. */
export interface Moment {
  now: number;
  /** In [0, 1). */
  random: number;
  /** False only where there is surely no network. */
  online: boolean;
}

export type StreamerEvent =
  | { type: 'connect' }
  /** `at`: the last line that was handed over, where that is not the whole batch. */
  | { type: 'disconnect'; at?: Place }
  /** The network or the page came back, or a shared connection did. */
  | { type: 'wake' }
  /** The deadline may have passed. */
  | { type: 'tick' }
  | (TransportEvent & { attempt: number });

export type StreamerAction =
  | { type: 'open'; attempt: number; start: TransportStart }
  | { type: 'close'; suspect: boolean }
  | { type: 'deliver'; lines: readonly LogMessage[]; cursor: string }
  | { type: 'connected'; event: ConnectedEvent }
  | { type: 'disconnected'; reason: DisconnectReason }
  | { type: 'error'; error: ApiError | StreamError }
  | { type: 'progress'; event: ProgressEvent }
  | { type: 'reset'; event: ResetEvent }
  | { type: 'run-end'; event: RunEndEvent }
  | { type: 'partial'; event: PartialEvent };

export interface Step {
  machine: Machine;
  actions: StreamerAction[];
}

export function createMachine(after?: string | number): Machine {
  return {
    state: { kind: 'idle', ...startPlace(after) },
    attempt: 0,
    failures: 0,
    tries: 0,
    since: 0,
    heardAt: 0,
    told: false,
    moved: false,
    unreadable: 0,
    notBefore: 0,
  };
}

/** True where a connection exists or is being made. */
export function isOpen(kind: StreamStateKind): boolean {
  return kind === 'connecting' || isConnected(kind);
}

export function isConnected(kind: StreamStateKind): kind is 'catching-up' | 'live' | 'silent' {
  return kind === 'catching-up' || kind === 'live' || kind === 'silent';
}

export function unchanged(machine: Machine): Step {
  return { machine, actions: [] };
}

/** The part of a state that goes over into the next one. */
export function positionOf({ cursor, line, head, status, end }: StreamPosition): StreamPosition {
  return {
    ...(cursor !== undefined && { cursor }),
    ...(line !== undefined && { line }),
    ...(head !== undefined && { head }),
    ...(status !== undefined && { status }),
    ...(end !== undefined && { end }),
  };
}

export function withPlace(machine: Machine, place: Place): Machine {
  const { cursor: _cursor, line: _line, ...state } = machine.state;
  return { ...machine, state: { ...state, ...place } };
}

/** The place that a reset names; what was known of the old log is forgotten. */
export function resetTo(machine: Machine, event: ResetEvent): Machine {
  const { head: _head, end: _end, ...state } = machine.state;
  const line = lineOf(event.cursor) ?? (event.first === undefined ? undefined : event.first - 1);
  const head = event.last === undefined ? {} : { head: event.last };
  const next = { ...machine, unreadable: 0, state: { ...state, ...head } };
  return withPlace(next, line === undefined ? { cursor: event.cursor } : { cursor: event.cursor, line });
}
