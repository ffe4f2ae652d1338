import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket as TcpSocket } from 'node:net';
import { type Socket, Server as SocketIoServer } from 'socket.io';
import { WebSocketServer } from 'ws';
import type { TransportName } from '@/lib/client/stream-options';
import { CATALOGUE, type ErrorCode } from '@/lib/errors/catalogue';
import { StratalError } from '@/lib/errors/stratal-error';
import { CLOSE, SUBPROTOCOL } from '@/lib/protocol/close-codes';
import type { LogMessage } from '@/lib/protocol/log-message';
import { PROBLEM_TYPE } from '@/lib/protocol/problem';
import { SOCKET_NAMESPACE, subscribeSchema } from '@/lib/protocol/socket-io';
import { RUN } from './fixtures';
import { ScriptedLog } from './scripted-log';

/** What a client asked for when it opened a stream. */
export interface SeenRequest {
  transport: TransportName;
  after: string | undefined;
  tail: number | undefined;
  level: string | undefined;
  headers: IncomingHttpHeaders;
}

/** One open stream, whatever carries it. */
interface Carrier {
  lines(lines: unknown[], cursor: string): void;
  control(type: string, payload: object): void;
  /** The stream is over for good. */
  end(status: string): void;
  /** What was sent arrives; then the connection is gone without a word. */
  kill(): void;
  /** The server says goodbye: come back. */
  drain(): void;
}

interface Reader {
  carrier: Carrier;
  isGlobal: boolean;
  level: string | undefined;
  sent: number;
  endsSent: number;
}

type Refusal = { code: ErrorCode; retryAfter?: string };

/**
 * A Stratal server for the client's tests: real HTTP, WebSocket and Socket.IO on one port, speaking WIRE.md about one run
 * (`RUN`) in memory, and misbehaving on demand.
 *
 * How to extend (most to least common):
 * 1. another content or life of the log: `ScriptedLog`;
 * 2. another misbehaviour: a method here that calls `Carrier`, so that every transport has it;
 * 3. another event of the wire: `Carrier.control` takes any;
 * 4. another transport: one more `Carrier`.
 */
export class ScriptedServer extends EventEmitter<{ opened: []; closed: []; came: []; left: [] }> {
  readonly log = new ScriptedLog();
  readonly requests: SeenRequest[] = [];
  readonly watches: unknown[] = [];
  /** Lines in one message at most; every pause between two is a chance to be cut off. */
  batchLines = 7;
  /** Connections that are cut off after their next batches, counted down. */
  killsLeft = 0;
  readonly #readers = new Set<Reader>();
  readonly #sockets = new Set<TcpSocket>();
  readonly #refusals: Refusal[] = [];
  readonly #watchRefusals: Refusal[] = [];
  readonly #webSockets = new WebSocketServer({ noServer: true, handleProtocols: () => SUBPROTOCOL });
  readonly #http = createServer((request, response) => this.#onRequest(request, response));
  #io = this.#attach();
  #port = 0;

  static async start(): Promise<ScriptedServer> {
    const server = new ScriptedServer();
    await server.listen();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get readers(): number {
    return this.#readers.size;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  async listen(): Promise<void> {
    this.#http.listen(this.#port, '127.0.0.1');
    await once(this.#http, 'listening');
    this.#port = (this.#http.address() as AddressInfo).port;
  }

  /** Ends everything; `listen` brings it back on the same port with the same log. */
  async stop(): Promise<void> {
    const closed = once(this.#http, 'close');
    this.#http.close();
    this.killSockets();
    await closed;
  }

  /** Resolves when so many streams are open. */
  async untilReaders(count: number): Promise<void> {
    while (this.#readers.size !== count) await once(this, this.#readers.size > count ? 'left' : 'came');
  }

  /** Resolves when so many TCP connections are open. (Node's fetch keeps an idle one for some seconds.) */
  async untilConnections(count: number): Promise<void> {
    while (this.#sockets.size !== count) await once(this, this.#sockets.size > count ? 'closed' : 'opened');
  }

  append(count: number, change?: Partial<LogMessage>): void {
    this.log.append(count, change);
    this.pump();
  }

  end(): void {
    this.log.end();
    this.pump();
  }

  /** The next streams are refused with these errors, one after another. */
  refuseNext(...refusals: Refusal[]): void {
    this.#refusals.push(...refusals);
  }

  /** The next watches are refused with these errors. */
  refuseWatch(...refusals: Refusal[]): void {
    this.#watchRefusals.push(...refusals);
  }

  /** Cuts everything off that is connected by TCP. */
  killSockets(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Cuts all streams off. */
  kill(): void {
    for (const { carrier } of [...this.#readers]) carrier.kill();
  }

  drain(): void {
    for (const { carrier } of [...this.#readers]) carrier.drain();
  }

  /** So many lines are lost on the way to everybody. */
  swallow(count: number): void {
    for (const reader of this.#readers) reader.sent += count;
  }

  /** Everybody gets the newest lines again. */
  repeat(count: number): void {
    for (const { carrier, isGlobal, sent } of this.#readers) {
      carrier.lines(this.#dress(this.log.after(sent - count, count), isGlobal), this.log.cursor(sent, isGlobal));
    }
  }

  /** Everybody gets `value` instead of the next line. */
  garble(value: unknown): void {
    this.log.append(1);
    for (const reader of this.#readers) {
      reader.sent += 1;
      reader.carrier.lines([value], this.log.cursor(reader.sent, reader.isGlobal));
    }
  }

  control(type: string, payload: object): void {
    for (const { carrier } of this.#readers) carrier.control(type, payload);
  }

  heartbeat(): void {
    for (const { carrier, isGlobal, sent } of this.#readers) {
      const payload = { cursor: this.log.cursor(sent, isGlobal), last: this.log.last, at: '2024-01-15T10:30:45.123Z' };
      carrier.control('progress', payload);
    }
  }

  /** What a page watches, from the server. */
  news(name: 'run' | 'runs' | 'status', payload: unknown): void {
    this.#io.of(SOCKET_NAMESPACE).emit(name, payload);
  }

  /** Sends what readers lack. */
  pump(): void {
    for (const reader of [...this.#readers]) this.#pump(reader);
  }

  #pump(reader: Reader): void {
    const { carrier, isGlobal, level } = reader;
    while (this.#readers.has(reader) && reader.sent < this.log.last) {
      const lines = this.log.after(reader.sent, this.batchLines);
      reader.sent += lines.length;
      const cursor = this.log.cursor(reader.sent, isGlobal);
      const passing = lines.filter((line) => level === undefined || line.level === level);
      if (passing.length > 0) carrier.lines(this.#dress(passing, isGlobal), cursor);
      if (this.killsLeft > 0) {
        this.killsLeft -= 1;
        carrier.kill();
        return;
      }
    }
    const event = this.log.runEnd(isGlobal);
    if (!event || reader.endsSent === this.log.ends || !this.#readers.has(reader)) return;
    reader.endsSent = this.log.ends;
    carrier.control('run-end', event);
    if (isGlobal) return;
    this.#forget(reader);
    carrier.end(event.status);
  }

  #forget(reader: Reader): void {
    if (this.#readers.delete(reader)) this.emit('left');
  }

  #dress(lines: LogMessage[], isGlobal: boolean): LogMessage[] {
    return isGlobal ? lines.map((line) => ({ ...line, cursor: this.log.cursor(line.id, true) })) : lines;
  }

  /** The error that answers this request, if any. */
  #refusalOf(seen: SeenRequest, runId: string | undefined): StratalError | undefined {
    this.requests.push(seen);
    const refusal = this.#refusals.shift();
    if (refusal) return errorOf(refusal);
    if (runId !== undefined && runId !== RUN) return new StratalError('STRATAL_NO_RUN', 'There is no such run.');
    return undefined;
  }

  /** Begins a stream that was not refused; returns how to forget it. */
  #begin(
    seen: SeenRequest,
    runId: string | undefined,
    carrier: Carrier,
    onStart?: (cursor: string) => void,
  ): () => void {
    const isGlobal = runId === undefined;
    const start = this.log.start(isGlobal, seen.after, seen.tail);
    onStart?.(start.cursor);
    const reader: Reader = {
      carrier,
      isGlobal,
      level: seen.level,
      sent: start.line,
      endsSent: isGlobal ? this.log.ends : 0,
    };
    const { first, last, status } = this.log;
    const place = isGlobal ? {} : { job_run_id: RUN, status, first, last };
    carrier.control('connected', { cursor: start.cursor, ...place });
    if (start.reset) carrier.control('reset', start.reset);
    this.#readers.add(reader);
    this.emit('came');
    this.#pump(reader);
    return () => this.#forget(reader);
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', this.url);
    if (url.pathname !== '/api/v1/logs/stream/sse') {
      response.writeHead(404).end();
      return;
    }
    const seen = seenOf('sse', url, request);
    const runId = url.searchParams.get('job_run_id') ?? undefined;
    const refusal = this.#refusalOf(seen, runId);
    if (refusal) {
      const { retryAfter } = refusal.members;
      const headers = { 'content-type': PROBLEM_TYPE, ...(retryAfter && { 'retry-after': String(retryAfter) }) };
      response.writeHead(refusal.status, headers).end(JSON.stringify(refusal.toProblem()));
      return;
    }
    if (this.log.start(runId === undefined, seen.after, seen.tail).isOver) {
      response.writeHead(204).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.write(`retry: 2000\n: ${' '.repeat(1024)}\n\n`);
    const write = (event: string, id: string, data: unknown): void => {
      const text = typeof data === 'string' ? data : JSON.stringify(data);
      response.write(`event: ${event}\nid: ${id}\ndata: ${text}\n\n`);
    };
    const forget = this.#begin(seen, runId, {
      lines: (lines, cursor) => {
        for (const line of lines) write('log', cursorOf(line, cursor), line);
      },
      control: (type, payload) => write(type, Reflect.get(payload, 'cursor') ?? '', payload),
      end: () => response.end(),
      kill: () => response.write(':\n', () => response.destroy()),
      drain: () => response.end(),
    });
    response.on('close', forget);
  }

  #onUpgrade(request: IncomingMessage, socket: TcpSocket, head: Buffer): void {
    const url = new URL(request.url ?? '', this.url);
    if (url.pathname !== '/api/v1/logs/stream/ws') return;
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      assert.equal(webSocket.protocol, SUBPROTOCOL);
      const seen = seenOf('websocket', url, request);
      const runId = url.searchParams.get('job_run_id') ?? undefined;
      const refusal = this.#refusalOf(seen, runId);
      if (refusal) {
        webSocket.close(refusal.closeCode, `${refusal.code}: ${refusal.message}`);
        return;
      }
      if (this.log.start(runId === undefined, seen.after, seen.tail).isOver) {
        webSocket.close(CLOSE.ended, this.log.status);
        return;
      }
      const send = (value: unknown): void => webSocket.send(typeof value === 'string' ? value : JSON.stringify(value));
      const forget = this.#begin(seen, runId, {
        lines: (lines) => lines.forEach(send),
        control: (type, payload) => send({ type, ...payload }),
        end: (status) => webSocket.close(CLOSE.ended, status),
        kill: () => webSocket.terminate(),
        drain: () => webSocket.close(CLOSE.draining),
      });
      webSocket.on('close', forget);
    });
  }

  #attach(): SocketIoServer {
    const io = new SocketIoServer(this.#http, { transports: ['websocket'], serveClient: false, destroyUpgrade: false });
    io.of(SOCKET_NAMESPACE).on('connection', (socket) => this.#onSocket(socket));
    this.#http.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket as TcpSocket, head));
    this.#http.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.emit('closed');
      });
      this.emit('opened');
    });
    return io;
  }

  #onSocket(socket: Socket): void {
    const forgets = new Map<unknown, () => void>();
    let untaken = 0;
    let isToBeKilled = false;
    const killWhenTaken = (): void => {
      isToBeKilled = true;
      if (untaken === 0) socket.conn.close(true);
    };
    socket.on('subscribe', (input: unknown, ack: (answer: object) => void) => {
      const { sub, job_run_id, after, tail, filter } = subscribeSchema.parse(input);
      const { headers } = socket.handshake;
      const level = filter?.level === undefined ? undefined : String(filter.level);
      const seen: SeenRequest = {
        transport: 'socketio',
        after: after === undefined ? after : String(after),
        tail,
        level,
        headers,
      };
      const refusal = this.#refusalOf(seen, job_run_id);
      if (refusal) {
        ack(refusal.toProblem());
        return;
      }
      const carrier: Carrier = {
        lines: (lines, cursor) => {
          untaken += 1;
          socket.emit('lines', { sub, cursor, lines }, () => {
            untaken -= 1;
            if (isToBeKilled) killWhenTaken();
          });
        },
        control: (type, payload) => socket.emit(type, { sub, ...payload }),
        end: () => undefined,
        kill: () => killWhenTaken(),
        drain: () => socket.disconnect(true),
      };
      forgets.set(
        sub,
        this.#begin(seen, job_run_id, carrier, (cursor) => ack({ ok: true, cursor })),
      );
    });
    socket.on('unsubscribe', ({ sub }: { sub: unknown }) => forgets.get(sub)?.());
    socket.on('watch', (input: unknown, ack: (answer: object) => void) => {
      this.watches.push(input);
      const refusal = this.#watchRefusals.shift();
      ack(refusal ? errorOf(refusal).toProblem() : { ok: true });
    });
    socket.on('unwatch', (input: unknown) => this.watches.push({ not: input }));
    socket.on('disconnect', () => {
      for (const forget of forgets.values()) forget();
    });
  }
}

function errorOf(refusal: Refusal): StratalError {
  return new StratalError(refusal.code, `${CATALOGUE[refusal.code].title}!`, { members: { ...refusal } });
}

function seenOf(transport: TransportName, { searchParams }: URL, { headers }: IncomingMessage): SeenRequest {
  const tail = searchParams.get('tail');
  return {
    transport,
    after: searchParams.get('after') ?? undefined,
    tail: tail === null ? undefined : Number(tail),
    level: searchParams.get('level') ?? undefined,
    headers,
  };
}

function cursorOf(line: unknown, cursor: string): string {
  const id = typeof line === 'object' && line !== null ? Reflect.get(line, 'id') : undefined;
  const own = typeof line === 'object' && line !== null ? Reflect.get(line, 'cursor') : undefined;
  if (typeof own === 'string') return own;
  return typeof id === 'number' ? cursor.replace(/\.\d+$/, `.${id}`) : cursor;
}
