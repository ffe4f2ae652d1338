import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server } from 'socket.io';
import type { Authorize } from '@/lib/auth/authorize';
import { StratalError } from '@/lib/errors/stratal-error';
import type { LineEncoder } from '@/lib/feed/line-encoder';
import { PROGRESS_INTERVAL_MS } from '@/lib/protocol/limits';
import type { Problem } from '@/lib/protocol/problem';
import { SOCKET_NAMESPACE } from '@/lib/protocol/socket-io';
import { queryOf } from '@/lib/transport/access';
import type { StreamScope } from '@/lib/transport/line-cursor';
import { toPublicError } from '@/lib/transport/problem-answer';
import { RunWatch, type RunWatchStore } from '@/lib/transport/run-watch';
import type { Streams } from '@/lib/transport/streams';
import { SOCKET_IO_PATH } from '@/lib/transport/upgrade-router';
import { ConnectionLoad, SocketLoad } from './connection-load';
import { encodeLinesAsTheyAre, lineTextFormat } from './line-text';
import { cutOff, type HeardEvents, type LogSocket, type SentEvents } from './log-socket';
import { NewestNews } from './newest-news';
import { StatusWatch } from './status-watch';
import { Subscriptions } from './subscriptions';
import { Watches } from './watches';

/** A client's message: a subscription with its filter is far below. */
const CLIENT_MESSAGE_BYTES_MAX = 64 * 1024;

export interface SocketIoEndpointOptions {
  streams: Streams;
  store: RunWatchStore;
  authorize: Authorize;
  onError: (error: unknown) => void;
}

/** The dashboard's one connection: many subscriptions and watches on a Socket.IO socket, namespace `/logs`. */
export class SocketIoEndpoint {
  readonly #options: SocketIoEndpointOptions;
  /** Never listens: it carries upgrades to Socket.IO, which would put listeners of its own on the real server. */
  readonly #carrier = createServer();
  readonly #server: Server<HeardEvents, SentEvents>;
  readonly #sockets = new Set<LogSocket>();
  readonly #loads = new WeakMap<LogSocket['conn'], ConnectionLoad>();
  readonly #encoders: Record<StreamScope, LineEncoder<string>>;
  readonly #runWatch: RunWatch;
  readonly #statusWatch: StatusWatch;

  constructor(options: SocketIoEndpointOptions) {
    this.#options = options;
    const { streams, store, onError } = options;
    const { encodings, clock } = streams.feed;
    const { epoch } = streams.feed.store;
    this.#encoders = {
      run: encodings.encoder(lineTextFormat(epoch, 'run')),
      global: encodings.encoder(lineTextFormat(epoch, 'global')),
    };
    this.#runWatch = new RunWatch(streams.feed, store, onError);
    this.#statusWatch = new StatusWatch(streams.counts, clock, onError);
    this.#server = new Server<HeardEvents, SentEvents>(this.#carrier, {
      path: SOCKET_IO_PATH,
      // Both spellings of the path are ours; Socket.IO would let one of them wait.
      addTrailingSlash: false,
      transports: ['websocket'],
      serveClient: false,
      maxHttpBufferSize: CLIENT_MESSAGE_BYTES_MAX,
      pingInterval: PROGRESS_INTERVAL_MS,
    });
    encodeLinesAsTheyAre(this.#server.encoder);
    // From its beginning, also where it never joins the namespace.
    this.#server.engine.on('connection', (connection: LogSocket['conn']) => this.#loadOf(connection));
    this.#server.of(SOCKET_NAMESPACE).on('connection', (socket) => this.#serve(socket));
  }

  /** Takes an upgrade that was admitted. Throws STRATAL_BAD_PARAMETER where its query is not of a client that can talk to us. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    checkQuery(queryOf(request.url ?? ''));
    this.#carrier.emit('upgrade', request, socket, head);
  }

  /** Cuts all connections so that their clients come back. */
  drain(): void {
    for (const socket of this.#sockets) cutOff(socket);
  }

  close(): void {
    void this.#server.close();
  }

  #serve(socket: LogSocket): void {
    const load = new SocketLoad(this.#loadOf(socket.conn));
    const news = new NewestNews(socket, load.connection);
    const subscriptions = new Subscriptions({ ...this.#options, encoders: this.#encoders, news, load }, socket);
    const watches = new Watches(
      { runWatch: this.#runWatch, statusWatch: this.#statusWatch, authorize: this.#options.authorize, news },
      socket,
    );
    this.#sockets.add(socket);
    socket.on('disconnect', () => {
      this.#sockets.delete(socket);
      subscriptions.stopAll();
      watches.stopAll();
    });
    socket.on('subscribe', (input, ack) => {
      const answer = answerOf(ack);
      subscriptions.subscribe(input, answer).catch((error: unknown) => this.#refuse(error, answer));
    });
    socket.on('unsubscribe', (input, ack) => this.#answer(ack, () => subscriptions.unsubscribe(input)));
    socket.on('watch', (input, ack) => this.#answer(ack, () => watches.watch(input)));
    socket.on('unwatch', (input, ack) => this.#answer(ack, () => watches.unwatch(input)));
  }

  #loadOf(connection: LogSocket['conn']): ConnectionLoad {
    const load = this.#loads.get(connection) ?? new ConnectionLoad(connection);
    this.#loads.set(connection, load);
    return load;
  }

  #answer(ack: unknown, act: () => void | Promise<void>): void {
    const answer = answerOf(ack);
    Promise.resolve()
      .then(act)
      .then(
        () => answer({ ok: true }),
        (error: unknown) => this.#refuse(error, answer),
      );
  }

  #refuse(error: unknown, answer: (problem: Problem) => void): void {
    const known = toPublicError(error);
    if (known.code === 'STRATAL_INTERNAL') this.#options.onError(error);
    answer(known.toProblem());
  }
}

/** Engine.IO refuses some of these in plain text, and some after it has switched protocols. */
function checkQuery(query: URLSearchParams): void {
  for (const [field, only] of [
    ['transport', 'websocket'],
    ['EIO', '4'],
  ] as const) {
    const values = query.getAll(field);
    if (values.length !== 1 || values[0] !== only) throw badParameter(field, `must be ${only}.`);
  }
  if (query.has('sid'))
    throw badParameter('sid', 'must be left out: no connection is upgraded from another transport.');
}

function badParameter(field: string, detail: string): StratalError {
  return new StratalError('STRATAL_BAD_PARAMETER', `${field}: ${detail}`, { members: { field } });
}

/** A client need not ask for an answer. */
function answerOf(ack: unknown): (answer: object) => void {
  return typeof ack === 'function' ? (answer) => ack(answer) : () => {};
}
