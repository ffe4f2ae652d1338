import type { Socket } from 'socket.io-client';
import type { ClientEvents, ServerEvents, WatchInput } from '@/lib/protocol/socket-io';
import { SOCKET_NAMESPACE } from '@/lib/protocol/socket-io';
import { requestHeaders } from './api-request';
import { backoffMs } from './backoff';
import { ApiError, refusalOfHandshake, StreamError, toProblem } from './client-errors';
import type { ConnectionOptions } from './stream-options';
import { SILENCE_MAX_MS, STABLE_MS } from './streamer-machine';
import type { Closing } from './transport';
import { onWakeSignal } from './wake-signals';
import { member } from './wire-reader';

export type ServerEventName = keyof ServerEvents;

/** What the server sends is unknown until it is parsed. */
type UntrustedEvents = { [Name in ServerEventName]: (payload: unknown, ack?: unknown) => void };
type SentName = keyof ClientEvents;
type SentEvents = { [Name in SentName]: (input: object, onAnswer: (answer: unknown) => void) => void };
type ClientSocket = Socket<UntrustedEvents, SentEvents>;

const NOT_LOADED = 'Socket.IO was not loaded: install the package socket.io-client, or take another transport.';
const EVENT_NAMES = ['lines', 'connected', 'progress', 'reset', 'run-end', 'partial', 'run', 'runs', 'status'] as const;

export interface SharedSocketListener {
  /** The connection is there; not called for a listener that comes later. */
  onUp(): void;
  /** The connection is lost, or an attempt failed; the next one follows by itself where the outcome is `lost`. */
  onDown(closing: Closing): void;
  onEvent(name: ServerEventName, payload: unknown): void;
}

/**
 * The one Socket.IO connection of a page (or program) to a server. It exists while someone holds a lease and connects again
 * by itself, with backoff, at once on a wake signal; its listeners say anew what they want whenever it is up. Each attempt
 * is a socket of its own, so that nothing buffered or late of an old one reaches anybody.
 */
export class SharedSocket {
  readonly #baseUrl: string;
  readonly #connection: ConnectionOptions;
  readonly #onIdle: () => void;
  readonly #listeners = new Set<SharedSocketListener>();
  #socket: ClientSocket | undefined;
  #isConnecting = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopWakeSignal: (() => void) | undefined;
  #tries = 0;
  #upSince: number | undefined;
  #heardAt = 0;
  #lastSub = 0;
  readonly #watchCounts = new Map<string, number>();

  constructor(baseUrl: string, connection: ConnectionOptions, onIdle: () => void) {
    this.#baseUrl = baseUrl;
    this.#connection = connection;
    this.#onIdle = onIdle;
  }

  get isUp(): boolean {
    return this.#upSince !== undefined;
  }

  /** A name for a subscription that this socket never had. */
  nextSub(): number {
    this.#lastSub += 1;
    return this.#lastSub;
  }

  /** Holds the connection for `listener` until the returned function is called. */
  lease(listener: SharedSocketListener): () => void {
    this.#listeners.add(listener);
    this.#stopWakeSignal ??= onWakeSignal(() => this.#wake());
    this.connectNow();
    return () => {
      this.#listeners.delete(listener);
      // A page that changes its viewers gives up the last lease and takes a new one in the same turn.
      queueMicrotask(() => this.#stopIfIdle());
    };
  }

  /** Connects without waiting; does nothing where it is connected or connecting. */
  connectNow(): void {
    if (this.isUp || this.#isConnecting) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isConnecting = true;
    void this.#connect().catch((error: unknown) => this.#down(lost(NOT_LOADED, error)));
  }

  /** Someone misses news: drops the connection if nothing at all was heard for long. */
  check(): void {
    if (this.isUp && Date.now() - this.#heardAt >= SILENCE_MAX_MS) {
      this.#down(lost('Nothing was heard from the server; connecting again.'));
    }
  }

  /** Sends, if connected; `onAnswer` is not called where the connection is lost before. */
  send<Name extends SentName>(
    name: Name,
    input: Parameters<ClientEvents[Name]>[0],
    onAnswer?: (answer: unknown) => void,
  ): void {
    const socket = this.#socket;
    if (!socket || !this.isUp) return;
    const event: SentName = name;
    socket.emit(event, input, (answer) => {
      if (this.#socket === socket) onAnswer?.(answer);
    });
  }

  /** How many want this watch, after the change: it ends with the last of them. */
  countWatch(input: WatchInput, change: 1 | -1): number {
    const key = JSON.stringify(input);
    const count = (this.#watchCounts.get(key) ?? 0) + change;
    if (count > 0) this.#watchCounts.set(key, count);
    else this.#watchCounts.delete(key);
    return count;
  }

  async #connect(): Promise<void> {
    const { io } = await import('socket.io-client');
    if (this.#listeners.size === 0) return;
    const { origin, pathname } = new URL(this.#baseUrl);
    const socket: ClientSocket = io(`${origin}${SOCKET_NAMESPACE}`, {
      path: `${pathname.replace(/\/+$/, '')}/socket.io`,
      transports: ['websocket'],
      extraHeaders: requestHeaders(this.#connection),
      reconnection: false,
      forceNew: true,
    });
    this.#socket = socket;
    this.#heardAt = Date.now();
    socket.on('connect', () => this.#up());
    socket.on('connect_error', (error) => this.#down(closingOfConnectError(error)));
    socket.on('disconnect', (reason, details) => this.#down(closingOfDisconnect(reason, details)));
    socket.io.on('ping', () => {
      this.#heardAt = Date.now();
    });
    for (const name of EVENT_NAMES) {
      socket.on(name, (payload, ack) => this.#hear(name, payload, ack));
    }
  }

  #up(): void {
    this.#isConnecting = false;
    this.#upSince = Date.now();
    this.#heardAt = this.#upSince;
    for (const listener of [...this.#listeners]) listener.onUp();
  }

  #hear(name: ServerEventName, payload: unknown, ack: unknown): void {
    this.#heardAt = Date.now();
    for (const listener of [...this.#listeners]) listener.onEvent(name, payload);
    // The server counts what is unacknowledged, so batches that nobody wants any more are acknowledged too.
    if (typeof ack === 'function') ack();
  }

  #down(closing: Closing): void {
    if (this.#upSince !== undefined && Date.now() - this.#upSince >= STABLE_MS) this.#tries = 0;
    this.#drop();
    if (this.#listeners.size === 0) return;
    this.#tries += 1;
    const delayMs = backoffMs(this.#tries, Math.random());
    if (closing.outcome === 'lost') this.#timer = setTimeout(() => this.connectNow(), delayMs);
    for (const listener of [...this.#listeners]) {
      listener.onDown(closing.outcome === 'lost' ? { ...closing, delayMs } : closing);
    }
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#upSince = undefined;
    this.#isConnecting = false;
    socket?.off();
    socket?.io.off();
    socket?.disconnect();
  }

  #wake(): void {
    if (this.isUp) this.check();
    else this.connectNow();
  }

  #stopIfIdle(): void {
    if (this.#listeners.size > 0 || !this.#stopWakeSignal) return;
    this.#stopWakeSignal();
    this.#stopWakeSignal = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drop();
    this.#onIdle();
  }
}

const sockets = new Map<string, SharedSocket>();

/** The connection that all who name the same server and credentials share. */
export function sharedSocket(baseUrl: string, connection: ConnectionOptions): SharedSocket {
  const key = JSON.stringify([baseUrl, requestHeaders(connection)]);
  let socket = sockets.get(key);
  if (!socket) {
    socket = new SharedSocket(baseUrl, connection, () => sockets.delete(key));
    sockets.set(key, socket);
  }
  return socket;
}

function lost(text: string, cause?: unknown): Closing {
  return { outcome: 'lost', error: new StreamError('connection', text, cause) };
}

/** A close frame is the goodbye of a server that drains; a connection that ends without one is broken. */
function closingOfDisconnect(reason: string, details: unknown): Closing {
  const closeCode = member(member(details, 'context'), 'code');
  const isGoodbye = reason === 'io server disconnect' || (typeof closeCode === 'number' && closeCode !== 1006);
  return isGoodbye ? { outcome: 'lost' } : lost(`The connection was lost (${reason}).`);
}

/** A refusal by the server's code carries the problem object; one by HTTP shows its status only outside browsers. */
function closingOfConnectError(error: Error): Closing {
  const data = member(error, 'data');
  if (data !== undefined) {
    const refusal = new ApiError(toProblem(Number(member(data, 'status') ?? 503), data), { cause: error });
    return refusal.temporary ? { outcome: 'lost', error: refusal } : { outcome: 'refused', error: refusal };
  }
  const refusal = refusalOfHandshake(String(member(member(error, 'description'), 'message')));
  return refusal ? { outcome: 'refused', error: refusal } : lost('The server was not reached.', error);
}
