import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** How often a slowed connection gives on what its rate allows. */
const SLOW_STEP_MS = 100;

/** A bad network between one reader and a server: it cuts, stalls, slows and half-closes the connections that go through it. */
export class TcpProxy {
  readonly url: string;
  readonly #server: Server;
  readonly #links = new Set<Link>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Listens on a free port of loopback; each connection goes to the port that `target` then gives. */
  static async open(target: () => number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port');
    const proxy = new TcpProxy(server, address.port);
    server.on('connection', (client) => proxy.#relay(client, target()));
    return proxy;
  }

  /** Breaks all connections off, in both directions. */
  cut(): void {
    for (const link of this.#links) link.destroy();
  }

  /** Ends one direction as a FIN does; the other goes on. */
  halfClose(side: 'reader' | 'server'): void {
    for (const link of this.#links) link.halfClose(side);
  }

  /** Gives nothing on to the reader for so long. */
  stall(ms: number): void {
    for (const link of this.#links) link.slow(0, ms);
  }

  /** Gives on so many bytes a second to the reader, for so long. */
  slow(bytesPerSecond: number, ms: number): void {
    for (const link of this.#links) link.slow(bytesPerSecond, ms);
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #relay(client: Socket, port: number): void {
    const link = new Link(client, connect({ port, host: '127.0.0.1', allowHalfOpen: true }), () =>
      this.#links.delete(link),
    );
    this.#links.add(link);
  }
}

/** One connection: the reader's socket and the one to the server. */
class Link {
  readonly #client: Socket;
  readonly #upstream: Socket;
  #waiting: Buffer[] = [];
  #timer: NodeJS.Timeout | undefined;
  #slowUntil = 0;

  constructor(client: Socket, upstream: Socket, onClose: () => void) {
    this.#client = client;
    this.#upstream = upstream;
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('error', () => this.destroy());
      from.on('close', () => {
        this.destroy();
        onClose();
      });
      to.on('drain', () => {
        if (from !== upstream || !this.#timer) from.resume();
      });
    }
    client.on('data', (data) => {
      if (!upstream.write(data)) client.pause();
    });
    client.on('end', () => upstream.end());
    upstream.on('data', (data) => this.#give(data));
    upstream.on('end', () => {
      if (!this.#timer) client.end();
    });
  }

  destroy(): void {
    clearInterval(this.#timer);
    this.#client.destroy();
    this.#upstream.destroy();
  }

  halfClose(side: 'reader' | 'server'): void {
    if (side === 'reader') this.#client.end();
    else this.#upstream.end();
  }

  /** While it lasts, what comes from the server waits; the server's socket is not read beyond one piece. */
  slow(bytesPerSecond: number, ms: number): void {
    this.#slowUntil = performance.now() + ms;
    clearInterval(this.#timer);
    const step = Math.ceil((bytesPerSecond * SLOW_STEP_MS) / 1000);
    this.#timer = setInterval(() => this.#giveSlowly(step), SLOW_STEP_MS);
    this.#upstream.pause();
  }

  #give(data: Buffer): void {
    if (this.#timer) this.#waiting.push(data);
    else if (!this.#client.writableEnded && !this.#client.write(data)) this.#upstream.pause();
  }

  #giveSlowly(step: number): void {
    const waiting = Buffer.concat(this.#waiting);
    const isOver = performance.now() >= this.#slowUntil;
    const now = isOver ? waiting : waiting.subarray(0, step);
    this.#waiting = isOver ? [] : [waiting.subarray(now.length)];
    if (now.length > 0 && !this.#client.writableEnded) this.#client.write(now);
    if (isOver) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      if (this.#upstream.readableEnded) this.#client.end();
    }
    if (isOver || waiting.length <= step) this.#upstream.resume();
    if (!isOver && waiting.length > step) this.#upstream.pause();
  }
}
