import type { LogMessage } from '@/lib/protocol/log-message';
import { resolveBaseUrl } from './base-url';
import { callSafely } from './call-safely';
import { type Place, placeOfLine } from './line-sequence';
import { createSocketIoTransport } from './socket-io-transport';
import { createSseTransport } from './sse-transport';
import type { StreamOptions, TransportName } from './stream-options';
import type { StreamState } from './stream-state';
import {
  createMachine,
  isOpen,
  type Machine,
  type StreamerAction,
  type StreamerEvent,
  type StreamPolicy,
} from './streamer-machine';
import { deadline, transition } from './streamer-state';
import type { CreateTransport, Transport, TransportConnection, TransportStart } from './transport';
import { isOnline, onWakeSignal } from './wake-signals';
import { createWebSocketTransport } from './websocket-transport';

export interface LogStreamerOptions extends StreamOptions {
  /** @defaultValue the page's own origin in browsers, http://localhost:8080 elsewhere */
  baseUrl?: string;
  /** The run to follow; without it, all runs. */
  jobRunId?: string;
}

const TRANSPORTS: Record<TransportName, CreateTransport> = {
  websocket: createWebSocketTransport,
  sse: createSseTransport,
  socketio: createSocketIoTransport,
};

/** setTimeout takes no longer delay (a signed 32-bit number of milliseconds). */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * One live stream: every line once and in order, over whatever connections that takes. This class only does what the state
 * machine (`streamer-state.ts`) asks for. After `disconnect()`, or once ended or failed, it holds no timer and no connection.
 */
export class LogStreamer {
  readonly baseUrl: string;
  readonly jobRunId: string | undefined;
  readonly #options: LogStreamerOptions;
  readonly #policy: StreamPolicy;
  #machine: Machine;
  #queue: StreamerEvent[] = [];
  #isWorking = false;
  #stopAt: Place | undefined;
  #isStopping = false;
  #toldState: StreamState;
  #transport: Transport | undefined;
  #connection: TransportConnection | undefined;
  #stopWakeSignal: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = 0;

  constructor(options: LogStreamerOptions = {}) {
    const { jobRunId, after, tail, filter = {}, autoReconnect = true } = options;
    const maxReconnectAttempts = options.maxReconnectAttempts ?? Number.POSITIVE_INFINITY;
    this.baseUrl = resolveBaseUrl(options.baseUrl);
    this.jobRunId = jobRunId;
    this.#options = options;
    this.#policy = {
      scope: jobRunId === undefined ? 'all' : 'run',
      filtered: Object.values(filter).some((value) => value !== undefined),
      maxReconnectAttempts: autoReconnect ? maxReconnectAttempts : 0,
      ...(tail !== undefined && { tail }),
    };
    this.#machine = createMachine(after);
    this.#toldState = this.#machine.state;
  }

  /** What the stream is doing and how far it has come; a new object at each change. */
  get state(): StreamState {
    return this.#machine.state;
  }

  /** Connects, or tries again at once, at the cursor. Does nothing on a connected stream. */
  connect(): void {
    this.#dispatch({ type: 'connect' });
  }

  /**
   * Ends the connection and tells `onDisconnect`; no callback follows, also where it is called in one. `connect()` goes on
   * behind the last line that was handed over.
   */
  disconnect(): void {
    this.#isStopping = true;
    this.#dispatch({ type: 'disconnect' });
  }

  /** An event that comes while another is worked on waits for it: callbacks see whole steps only. */
  #dispatch(event: StreamerEvent): void {
    this.#queue.push(event);
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#work(next);
    } finally {
      this.#isWorking = false;
    }
  }

  #work(event: StreamerEvent): void {
    const placed: StreamerEvent =
      event.type === 'disconnect' && this.#stopAt ? { type: 'disconnect', at: this.#stopAt } : event;
    const moment = { now: Date.now(), random: Math.random(), online: isOnline() };
    const { machine, actions } = transition(this.#machine, placed, this.#policy, moment);
    this.#machine = machine;
    if (event.type === 'disconnect') {
      this.#isStopping = false;
      this.#stopAt = undefined;
    }
    for (const action of actions) this.#perform(action);
    this.#settle();
    if (event.type === 'connect') queueMicrotask(() => this.#tellState());
    else this.#tellState();
  }

  #perform(action: StreamerAction): void {
    const handlers = this.#options;
    switch (action.type) {
      case 'open':
        this.#open(action.attempt, action.start);
        break;
      case 'close':
        this.#connection?.close(action.suspect);
        this.#connection = undefined;
        break;
      case 'deliver':
        this.#deliver(action.lines, action.cursor);
        break;
      case 'disconnected':
        callSafely(() => handlers.onDisconnect?.(action.reason));
        break;
      case 'connected':
        this.#tell(() => handlers.onConnect?.(action.event));
        break;
      case 'error':
        this.#tell(() => handlers.onError?.(action.error));
        break;
      case 'progress':
        this.#tell(() => handlers.onProgress?.(action.event));
        break;
      case 'reset':
        this.#tell(() => handlers.onReset?.(action.event));
        break;
      case 'run-end':
        this.#tell(() => handlers.onRunEnd?.(action.event));
        break;
      case 'partial':
        this.#tell(() => handlers.onPartial?.(action.event));
        break;
    }
  }

  #open(attempt: number, start: TransportStart): void {
    const { filter = {}, partial, onPartial, transport = 'websocket' } = this.#options;
    this.#transport ??= TRANSPORTS[transport](
      {
        baseUrl: this.baseUrl,
        ...(this.jobRunId !== undefined && { jobRunId: this.jobRunId }),
        filter,
        partial: partial ?? onPartial !== undefined,
        connection: this.#options,
      },
      () => this.#dispatch({ type: 'wake' }),
    );
    this.#connection = this.#transport.open(start, (event) => this.#dispatch({ ...event, attempt }));
  }

  /** A program that leaves in the midst of a batch gets the rest of it when it comes back, unless `onBatch` had it all. */
  #deliver(lines: readonly LogMessage[], cursor: string): void {
    const { onBatch, onMessage } = this.#options;
    if (onBatch) callSafely(() => onBatch(lines, cursor));
    if (!onMessage) return;
    for (const log of lines) {
      if (this.#isStopping) return;
      callSafely(() => onMessage(log));
      if (this.#isStopping && !onBatch) this.#stopAt = placeOfLine(log, cursor);
    }
  }

  #tell(callback: () => void): void {
    if (!this.#isStopping) callSafely(callback);
  }

  /** Frees what the state does not need, and sets the clock for what it waits for. */
  #settle(): void {
    const { kind } = this.#machine.state;
    if (!isOpen(kind)) {
      this.#connection?.close(false);
      this.#connection = undefined;
    }
    const isResting = kind === 'idle' || kind === 'ended' || kind === 'failed';
    if (isResting) {
      this.#transport?.dispose();
      this.#transport = undefined;
      this.#stopWakeSignal?.();
      this.#stopWakeSignal = undefined;
    } else {
      this.#stopWakeSignal ??= onWakeSignal(() => this.#dispatch({ type: 'wake' }));
    }
    this.#setTimer(deadline(this.#machine, this.#policy));
  }

  /** A deadline that moves away does not move the timer: it looks again when it fires, so that lines cost no timer each. */
  #setTimer(at: number | undefined): void {
    if (at !== undefined && this.#timer !== undefined && this.#timerAt <= at) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (at === undefined) return;
    this.#timerAt = at;
    const delay = Math.min(Math.max(0, at - Date.now()), TIMER_MAX_MS);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#dispatch({ type: 'tick' });
    }, delay);
  }

  #tellState(): void {
    const { state } = this.#machine;
    const told = this.#toldState;
    if (state.kind === told.kind && !('at' in state && 'at' in told && state.at !== told.at)) return;
    this.#toldState = state;
    const { onStateChange } = this.#options;
    if (onStateChange) callSafely(() => onStateChange(state));
  }
}
