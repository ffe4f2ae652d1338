import type { Status } from '@/lib/protocol/run';
import type { ControlEvents, ControlType, ResetEvent } from '@/lib/protocol/stream-events';

/** A control event with its name. */
export type ControlFrame = { [T in ControlType]: { type: T; payload: ControlEvents[T] } }[ControlType];

/** Why a stream ended by the server's doing. */
export type StreamOutcome =
  | { kind: 'ended'; status: Status }
  /** The server drains, or the stream reached its greatest age: the client is to come back. */
  | { kind: 'draining' }
  /** The reader took nothing for READER_STALL_MS. */
  | { kind: 'stalled' }
  /** The run was deleted. */
  | { kind: 'gone' }
  /** For sinks that cannot say reset otherwise. */
  | { kind: 'reset'; event: ResetEvent }
  /** The store failed for long. */
  | { kind: 'failed'; error: unknown };

/**
 * Where a stream writes: one connection, or one subscription of it. It frames nothing that others could share, holds what is unsent, and
 * tells the session whenever some of that was taken (`Session.drained`) and when the reader left (`Session.stop`).
 */
export interface StreamSink<D extends Buffer | string> {
  /** Bytes written and not taken. */
  readonly unsentBytes: number;
  /** The session writes on while no more than this is unsent. */
  readonly lowWaterBytes: number;
  /** Which control events this reader is sent. A bare WebSocket has none of them: a reset ends it. */
  readonly wants: { control: boolean; partial: boolean };
  /** Writes encoded lines in one go; `cursor` is the one after them. */
  writeLines(chunks: readonly D[], cursor: string): void;
  writeControl(control: ControlFrame): void;
  /** Says goodbye and closes; the session is over. */
  end(outcome: StreamOutcome): void;
}
