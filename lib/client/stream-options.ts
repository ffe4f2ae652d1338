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
import type { StreamState } from './stream-state';

/** How a stream travels. `socketio` shares one connection among all streams of a page, and needs `socket.io-client`. */
export type TransportName = 'websocket' | 'sse' | 'socketio';

/** Why a stream that was connected no longer is. */
export interface DisconnectReason {
  /** `closed`: by `disconnect()`; `ended`: the run has ended; `lost`: the connection broke; `refused`: by the server. */
  kind: 'closed' | 'ended' | 'lost' | 'refused';
  /** True where the client connects again by itself, at its cursor. */
  willReconnect: boolean;
  error?: Error;
}

/**
 * What a program hears. Callbacks run one after another, never inside `connect()`; one that throws is reported as an
 * uncaught error and disturbs neither the stream nor the other callbacks.
 */
export interface StreamHandlers {
  /** Each line once, in order. */
  onMessage?: (log: LogMessage) => void;
  /** The same lines as they arrived, at least one; `cursor` is where a stream goes on after them (`after`). */
  onBatch?: (logs: readonly LogMessage[], cursor: string) => void;
  /** At each connection, also the repeated ones. */
  onConnect?: (event: ConnectedEvent) => void;
  /** Once for each `onConnect`. */
  onDisconnect?: (reason: DisconnectReason) => void;
  /** Each failed attempt, lost connection, unreadable message and refusal. */
  onError?: (error: ApiError | StreamError) => void;
  /** Lines were taken away (retention, a restore): drop what is shown; the stream goes on at the event's cursor. */
  onReset?: (event: ResetEvent) => void;
  /** The run has ended; on a job stream nothing follows, on the global stream it goes on. */
  onRunEnd?: (event: RunEndEvent) => void;
  /** The server's heartbeat, with the run's newest line. */
  onProgress?: (event: ProgressEvent) => void;
  /** A line that its program has not ended yet; the next line of that stream replaces it. */
  onPartial?: (event: PartialEvent) => void;
  onStateChange?: (state: StreamState) => void;
}

/** The part of `ws` and of the browser's WebSocket that the client uses. */
export interface WebSocketLike {
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
  addEventListener(type: 'error', listener: (event: object) => void): void;
  close(code?: number, reason?: string): void;
  /** `ws` only: ends the connection without a farewell. */
  terminate?: () => void;
}

export type WebSocketConstructor = new (
  url: string,
  protocols: string[],
  options?: { headers?: Record<string, string> },
) => WebSocketLike;

/** How a server is reached. */
export interface ConnectionOptions {
  /**
   * Sent as `Authorization: Bearer`. Browsers cannot send it on WebSocket and Socket.IO (there the session cookie counts).
   */
  token?: string;
  /** Further headers; on WebSocket and Socket.IO outside browsers only. */
  headers?: Record<string, string>;
  /** @defaultValue the global `fetch` */
  fetch?: typeof fetch;
  /** @defaultValue the global one in browsers, the package `ws` in Node */
  WebSocket?: WebSocketConstructor;
}

export interface StreamOptions extends StreamHandlers, ConnectionOptions {
  /** @defaultValue 'websocket' */
  transport?: TransportName;
  /** Connect again after a lost connection. @defaultValue true */
  autoReconnect?: boolean;
  /**
   * Attempts in a row before the stream fails; 0 means none. A stable stream or a line starts the count anew, and attempts
   * without network do not count. @defaultValue Infinity
   */
  maxReconnectAttempts?: number;
  /** Go on after this cursor or, on a job stream, after this line number (0: from the first line). */
  after?: string | number;
  /** Begin with the newest N lines; not used when resuming. */
  tail?: number;
  /** Only lines that pass; the names are those of the query. */
  filter?: FilterParameters;
  /** Unfinished lines too; Socket.IO and WebSocket always bring them. @defaultValue true with `onPartial` */
  partial?: boolean;
}
