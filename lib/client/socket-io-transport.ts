import { subscribeAckSchema } from '@/lib/protocol/socket-io';
import { ApiError, StreamError } from './client-errors';
import { closingOfError } from './closing';
import { type ServerEventName, type SharedSocket, type SharedSocketListener, sharedSocket } from './shared-socket';
import type { Closing, Report, Transport, TransportConnection, TransportStart, TransportTarget } from './transport';
import { member, WireReader } from './wire-reader';

/** Subscriptions on the connection that all streams and watchers of a page share. */
export function createSocketIoTransport(target: TransportTarget, onAvailable: () => void): Transport {
  const socket = sharedSocket(target.baseUrl, target.connection);
  let release: (() => void) | undefined;
  let subscription: Subscription | undefined;
  const listener: SharedSocketListener = {
    onUp() {
      if (subscription) subscription.begin();
      else onAvailable();
    },
    onDown: (closing) => subscription?.finish(closing),
    onEvent: (name, payload) => subscription?.hear(name, payload),
  };
  return {
    open(start, report) {
      const opened = new Subscription(socket, target, start, report, () => {
        if (subscription === opened) subscription = undefined;
      });
      subscription = opened;
      release ??= socket.lease(listener);
      if (socket.isUp) opened.begin();
      else socket.connectNow();
      return opened;
    },
    dispose() {
      subscription?.close(false);
      release?.();
      release = undefined;
    },
  };
}

class Subscription implements TransportConnection {
  readonly #socket: SharedSocket;
  readonly #target: TransportTarget;
  readonly #start: TransportStart;
  readonly #reader: WireReader;
  readonly #report: Report;
  readonly #onOver: () => void;
  #sub: number | undefined;
  #isOver = false;

  constructor(
    socket: SharedSocket,
    target: TransportTarget,
    start: TransportStart,
    report: Report,
    onOver: () => void,
  ) {
    this.#socket = socket;
    this.#target = target;
    this.#start = start;
    this.#onOver = onOver;
    this.#report = (event) => {
      if (!this.#isOver) report(event);
    };
    this.#reader = new WireReader(this.#report);
  }

  /** The socket is up. */
  begin(): void {
    if (this.#sub !== undefined || this.#isOver) return;
    const sub = this.#socket.nextSub();
    this.#sub = sub;
    const { jobRunId, filter } = this.#target;
    const input = { sub, ...this.#start, ...(jobRunId !== undefined && { job_run_id: jobRunId }), filter };
    this.#socket.send('subscribe', input, (answer) => this.#onAnswer(answer));
  }

  #onAnswer(answer: unknown): void {
    const parsed = subscribeAckSchema.safeParse(answer);
    if (!parsed.success) {
      const error = new StreamError('malformed', 'The answer to a subscription could not be read.', parsed.error);
      this.finish({ outcome: 'lost', error });
    } else if ('ok' in parsed.data && parsed.data.ok === true && typeof parsed.data.cursor === 'string') {
      this.#report({ type: 'accepted', cursor: parsed.data.cursor });
    } else if ('code' in parsed.data) {
      this.finish(closingOfError(new ApiError(parsed.data)));
    }
  }

  hear(name: ServerEventName, payload: unknown): void {
    if (this.#isOver || this.#sub === undefined || member(payload, 'sub') !== this.#sub) return;
    if (name === 'lines') this.#hearLines(payload);
    else this.#reader.control(name, payload);
  }

  #hearLines(payload: unknown): void {
    const lines = member(payload, 'lines');
    const cursor = member(payload, 'cursor');
    if (!Array.isArray(lines) || typeof cursor !== 'string') {
      this.#reader.malformed('A batch of lines could not be read.', Number.POSITIVE_INFINITY);
      return;
    }
    for (const line of lines) this.#reader.line(line);
    this.#reader.flush(cursor);
  }

  /** The subscription is over, and not by us. */
  finish(closing: Closing): void {
    if (this.#isOver) return;
    this.#onOver();
    this.#report({ type: 'closed', ...closing });
    this.#isOver = true;
  }

  close(suspect: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onOver();
    if (this.#sub !== undefined) this.#socket.send('unsubscribe', { sub: this.#sub });
    if (suspect) this.#socket.check();
  }
}
