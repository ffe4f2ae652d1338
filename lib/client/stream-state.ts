import type { Status } from '@/lib/protocol/run';
import type { RunEndEvent } from '@/lib/protocol/stream-events';
import type { ApiError, StreamError } from './client-errors';

/** How far a stream has come. Times are in milliseconds since the epoch. */
export interface StreamPosition {
  /** Where the stream goes on: what `after` takes. Absent before the first connection. */
  readonly cursor?: string;
  /** Job streams: the newest line that was received or, under a filter, passed over. */
  readonly line?: number;
  /** Job streams: the run's newest line, as the server last said. */
  readonly head?: number;
  /** Job streams: the run's status, as the server last said. */
  readonly status?: Status;
  /** Job streams: the newest run-end. */
  readonly end?: RunEndEvent;
}

/**
 * What a stream is doing.
 *
 * - `idle`: not connected, nothing planned
 * - `connecting`: an attempt is under way
 * - `catching-up`: connected, older lines are arriving
 * - `live`: connected, lines arrive as they are written
 * - `silent`: connected, but the server's heartbeat is overdue
 * - `reconnecting`: the next attempt begins at `at`
 * - `offline`: the same, while the machine says it has no network
 * - `ended`: the run has ended; `connect()` asks whether it went on
 * - `failed`: refused, or no attempts are left; `connect()` tries again
 */
export type StreamState = StreamPosition &
  (
    | { readonly kind: 'idle' }
    | { readonly kind: 'connecting' }
    | { readonly kind: 'catching-up' }
    | { readonly kind: 'live' }
    | {
        readonly kind: 'silent';
        /** When the server was heard last. */
        readonly since: number;
      }
    | {
        readonly kind: 'reconnecting';
        /** Attempts failed in a row, from 1. */
        readonly attempt: number;
        readonly at: number;
        readonly error?: ApiError | StreamError;
      }
    | { readonly kind: 'offline'; readonly at: number; readonly error?: ApiError | StreamError }
    | { readonly kind: 'ended' }
    | { readonly kind: 'failed'; readonly error: ApiError | StreamError }
  );

export type StreamStateKind = StreamState['kind'];
