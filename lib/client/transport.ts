import type { FilterParameters } from '@/lib/protocol/filter';
import type { LogMessage } from '@/lib/protocol/log-message';
import type {
  ConnectedEvent,
  PartialEvent,
  ProgressEvent,
  ResetEvent,
  RunEndEvent,
} from '@/lib/protocol/stream-events';
import type { ApiError, StreamError } from './client-errors';
import type { ConnectionOptions } from './stream-options';

/** How a connection came to its end. */
export type Closing =
  /** The server says that nothing follows. */
  | { outcome: 'ended' }
  /** The cursor is no longer good; the event's is. */
  | { outcome: 'reset'; event: ResetEvent }
  /** Asking again would be answered the same. */
  | { outcome: 'refused'; error: ApiError }
  | {
      outcome: 'lost';
      error?: ApiError | StreamError;
      /** The server's `Retry-After`. */
      retryAfterMs?: number;
      /** The transport itself connects again after this time, for all who share it. */
      delayMs?: number;
    };

/**
 * What a transport reports, in the order of the wire. `closed` is the last event, sent once, also where the connection
 * never came about; nothing is reported after `close()`.
 */
export type TransportEvent =
  /** The subscription was accepted; its first lines come after this cursor. */
  | { type: 'accepted'; cursor: string }
  | { type: 'connected'; event: ConnectedEvent }
  /** `cursor` is where a stream goes on after these lines, if the wire says so. */
  | { type: 'lines'; lines: readonly LogMessage[]; cursor?: string }
  | { type: 'progress'; event: ProgressEvent }
  | { type: 'reset'; event: ResetEvent }
  | { type: 'run-end'; event: RunEndEvent }
  | { type: 'partial'; event: PartialEvent }
  /** A message that cannot be read was left out; so many lines of the log may be missing for it. */
  | { type: 'malformed'; error: StreamError; lines: number }
  | ({ type: 'closed' } & Closing);

export type Report = (event: TransportEvent) => void;

/** What to read. */
export interface TransportTarget {
  baseUrl: string;
  jobRunId?: string;
  filter: FilterParameters;
  partial: boolean;
  connection: ConnectionOptions;
}

/** Where to begin: `after` a cursor or line number, with the newest `tail` lines, or where the stream begins by itself. */
export interface TransportStart {
  after?: string;
  tail?: number;
}

/** One connection of one stream. */
export interface TransportConnection {
  /**
   * Ends the connection and frees what it holds. May be called more than once.
   * @param suspect the connection seems dead: do not wait for its farewell, and check it where it is shared
   */
  close(suspect: boolean): void;
}

/** A way to a server, for as long as one stream wants it. */
export interface Transport {
  /** Begins to connect; every report comes later than this call. */
  open(start: TransportStart, report: Report): TransportConnection;
  /** Frees what outlives single connections. */
  dispose(): void;
}

/** @param onAvailable called when a shared connection is there again: waiting longer is of no use */
export type CreateTransport = (target: TransportTarget, onAvailable: () => void) => Transport;
