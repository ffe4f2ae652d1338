import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket as TcpSocket } from 'node:net';
import { type Socket, Server as SocketIoServer } from 'socket.io';
import { WebSocketServer } from 'ws';
import { SUBPROTOCOL } from '@/lib/protocol/close-codes';
import { SOCKET_NAMESPACE } from '@/lib/protocol/socket-io';
import { serveSse, serveSubscriptions, serveWebSocket } from './scripted-carriers';
import { errorOf, type Refusal, ScriptedStreams } from './scripted-streams';

/**
 * A Stratal server for the client's tests: real HTTP, WebSocket and Socket.IO on one port, speaking WIRE.md about one run
 * (`RUN`) in memory, and misbehaving on demand.
 *
 * How to extend (most to least common):
 * 1. another content or life of the log: `ScriptedLog`;
 * 2. another misbehaviour: a method of `ScriptedStreams` that calls `Carrier`, so that every transport has it;
 * 3. another event of the wire: `ScriptedStreams.control` sends any;
 * 4. another transport: one more `Carrier` in `scripted-carriers.ts`.
 */
export class ScriptedServer extends ScriptedStreams {
  readonly watches: unknown[] = [];
  /** What a browser gets from this server, by path. */
  readonly files = new Map<string, { type: string; body: string }>();
  readonly #watchRefusals: Refusal[] = [];
  readonly #sockets = new Set<TcpSocket>();
  readonly #webSockets = new WebSocketServer({ noServer: true, handleProtocols: () => SUBPROTOCOL });
  readonly #http = createServer((request, response) => this.#onRequest(request, response));
  readonly #io = this.#attach();
  #port = 0;

  static async start(): Promise<ScriptedServer> {
    const server = new ScriptedServer();
    await server.listen();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
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

  /** Resolves when so many TCP connections are open. (Node's fetch keeps an idle one for some seconds.) */
  async untilConnections(count: number): Promise<void> {
    while (this.#sockets.size !== count) await once(this, this.#sockets.size > count ? 'closed' : 'opened');
  }

  /** The next watches are refused with these errors. */
  refuseWatch(...refusals: Refusal[]): void {
    this.#watchRefusals.push(...refusals);
  }

  /** Cuts everything off that is connected by TCP. */
  killSockets(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** What a page watches, from the server. */
  news(name: 'run' | 'runs' | 'status', payload: unknown): void {
    this.#io.of(SOCKET_NAMESPACE).emit(name, payload);
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', this.url);
    if (url.pathname === '/api/v1/logs/stream/sse') serveSse(this, url, request, response);
    else this.#serveFile(url.pathname, response);
  }

  #serveFile(path: string, response: ServerResponse): void {
    const file = this.files.get(path);
    if (file) response.writeHead(200, { 'content-type': file.type }).end(file.body);
    else response.writeHead(404).end();
  }

  #onUpgrade(request: IncomingMessage, socket: TcpSocket, head: Buffer): void {
    const url = new URL(request.url ?? '', this.url);
    if (url.pathname !== '/api/v1/logs/stream/ws') return;
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => serveWebSocket(this, url, request, webSocket));
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
    serveSubscriptions(this, socket);
    socket.on('watch', (input: unknown, ack: (answer: object) => void) => {
      this.watches.push(input);
      const refusal = this.#watchRefusals.shift();
      ack(refusal ? errorOf(refusal).toProblem() : { ok: true });
    });
    socket.on('unwatch', (input: unknown) => this.watches.push({ not: input }));
  }
}
