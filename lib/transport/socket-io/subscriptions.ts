import type { Authorize } from '@/lib/auth/authorize';
import { fromZodError } from '@/lib/errors/bad-parameter';
import { StratalError } from '@/lib/errors/stratal-error';
import type { LineEncoder } from '@/lib/feed/line-encoder';
import { type Sub, type SubscribeAck, subscribeSchema, unsubscribeSchema } from '@/lib/protocol/socket-io';
import { credentialOf } from '@/lib/transport/access';
import type { StreamScope } from '@/lib/transport/line-cursor';
import type { Session } from '@/lib/transport/session';
import { parseAfter, parseStreamFilter, parseTail, type StreamRequest } from '@/lib/transport/stream-request';
import { Streams } from '@/lib/transport/streams';
import type { SocketLoad } from './connection-load';
import type { LogSocket } from './log-socket';
import type { NewestNews } from './newest-news';
import { emitControl, SubscriptionSink } from './subscription-sink';

/** Subscriptions of one connection at most. */
const SUBSCRIPTIONS_MAX = 256;

export interface SubscriptionsOptions {
  streams: Streams;
  authorize: Authorize;
  encoders: Record<StreamScope, LineEncoder<string>>;
  news: NewestNews;
  load: SocketLoad;
}

interface Subscription {
  /** Both are absent while it is being opened. */
  session?: Session<string>;
  sink?: SubscriptionSink;
}

/** The streams that one socket has subscribed to, by the client's names for them. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #socket: LogSocket;
  readonly #subscriptions = new Map<Sub, Subscription>();
  readonly #stopWaiting: () => void;

  constructor(options: SubscriptionsOptions, socket: LogSocket) {
    this.#options = options;
    this.#socket = socket;
    this.#stopWaiting = options.load.connection.onRoom(() => this.#goOn());
  }

  /** Throws StratalError for what is wrong with the input; `acknowledge` is called before the subscription's first event. */
  async subscribe(input: unknown, acknowledge: (answer: SubscribeAck) => void): Promise<void> {
    const parsed = subscribeSchema.safeParse(input);
    if (!parsed.success) throw fromZodError(parsed.error);
    const { sub, job_run_id: runId, after, tail, filter } = parsed.data;
    this.#refuseNames(sub);
    this.#options.authorize(credentialOf(this.#socket.request), 'read', runId);
    const request: StreamRequest = {
      runId,
      presented: parseAfter(after, runId !== undefined),
      tail: parseTail(tail),
      filter: parseStreamFilter(filter ?? {}),
      partial: true,
    };
    const subscription: Subscription = {};
    this.#subscriptions.set(sub, subscription);
    try {
      await this.#open(sub, subscription, request, acknowledge);
    } catch (error) {
      this.#forget(sub, subscription);
      throw error;
    }
  }

  unsubscribe(input: unknown): void {
    const parsed = unsubscribeSchema.safeParse(input);
    if (!parsed.success) throw fromZodError(parsed.error);
    const subscription = this.#subscriptions.get(parsed.data.sub);
    this.#subscriptions.delete(parsed.data.sub);
    subscription?.session?.stop();
  }

  stopAll(): void {
    this.#stopWaiting();
    const subscriptions = [...this.#subscriptions.values()];
    this.#subscriptions.clear();
    for (const { session } of subscriptions) session?.stop();
    this.#options.load.end();
  }

  /** The connection has room again; each time another one is the first to use it. */
  #goOn(): void {
    const [first] = this.#subscriptions;
    if (!first) return;
    this.#subscriptions.delete(first[0]);
    this.#subscriptions.set(...first);
    for (const { sink, session } of [...this.#subscriptions.values()]) if (sink?.isOwnTaken) session?.drained();
  }

  async #open(
    sub: Sub,
    subscription: Subscription,
    request: StreamRequest,
    acknowledge: (answer: SubscribeAck) => void,
  ): Promise<void> {
    const { streams, encoders, news, load } = this.#options;
    const opened = await streams.open(request, 'socketio');
    // Unsubscribed or gone while it was being opened.
    if (this.#subscriptions.get(sub) !== subscription) {
      opened.release();
      return;
    }
    acknowledge({ ok: true, cursor: opened.cursor });
    if (opened.over) {
      opened.release();
      this.#forget(sub, subscription);
      emitControl(this.#socket, sub, { type: 'run-end', payload: opened.over });
      return;
    }
    const sink = new SubscriptionSink(this.#socket, sub, news, load, {
      onAcknowledged: () => subscription.session?.drained(),
      onEnded: () => this.#forget(sub, subscription),
    });
    subscription.sink = sink;
    subscription.session = opened.start(sink, encoders[Streams.scopeOf(request)]);
  }

  #forget(sub: Sub, subscription: Subscription): void {
    if (this.#subscriptions.get(sub) === subscription) this.#subscriptions.delete(sub);
  }

  #refuseNames(sub: Sub): void {
    if (this.#subscriptions.has(sub)) {
      throw new StratalError('STRATAL_BAD_PARAMETER', 'sub: this connection has a subscription of that name already.', {
        members: { field: 'sub' },
      });
    }
    if (this.#subscriptions.size >= SUBSCRIPTIONS_MAX) {
      throw new StratalError(
        'STRATAL_BAD_PARAMETER',
        `sub: a connection has at most ${SUBSCRIPTIONS_MAX} subscriptions; end some first.`,
        { members: { field: 'sub' } },
      );
    }
  }
}
