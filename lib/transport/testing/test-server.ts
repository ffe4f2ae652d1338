import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Authorize, loopbackAccess } from '@/lib/auth/authorize';
import { type Bus, noBus } from '@/lib/feed/bus';
import type { Clock } from '@/lib/feed/clock';
import { Feed } from '@/lib/feed/feed';
import { LogWriter } from '@/lib/feed/testing/log-writer';
import { type OpenStore, openStore } from '@/lib/store/open-store';
import type { TestDatabase } from '@/lib/store/testing/test-database';
import { createTransports, type Transports } from '@/lib/transport/transports';

export interface TestServerOptions {
  clock?: Clock;
  bus?: Bus;
  tailBytes?: number;
  maxAgeMs?: number;
  gapMax?: number;
  authorize?: Authorize;
  /** Serves SSE by the web Response that a route handler returns. */
  sse?: 'direct' | 'handler';
}

/** One node: a real store, feed, transports and sockets on loopback, without Next and ingest. */
export interface TestServer {
  port: number;
  url: string;
  store: OpenStore;
  feed: Feed;
  transports: Transports;
  writer: LogWriter;
  errors: unknown[];
  /** The server's ends of all open connections. */
  sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

export async function startTestServer(database: TestDatabase, options: TestServerOptions = {}): Promise<TestServer> {
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const store = await openStore(database.options);
  const feed = await Feed.open({
    store,
    bus: options.bus ?? noBus,
    tailBytes: options.tailBytes ?? 64 * 1024 * 1024,
    clock: options.clock,
    gapMax: options.gapMax,
    onError,
  });
  const transports = createTransports({
    feed,
    store,
    authorize: options.authorize ?? loopbackAccess({ allowedOrigins: [], baseUrl: undefined }),
    maxAgeMs: options.maxAgeMs ?? 0,
    onError,
  });
  const server = createServer((request, response) => {
    if (options.sse === 'handler') void serveByHandler(transports, request, response).catch(() => response.destroy());
    else if (!transports.serveSse(request, response)) response.writeHead(404).end();
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', transports.upgrades());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    store,
    feed,
    transports,
    writer: new LogWriter(store, feed),
    errors,
    sockets,
    close: () => closeAll(server, transports, feed, store),
  };
}

/** As Next does it: a web Request in, the body of the Response piped out with back-pressure. */
async function serveByHandler(
  transports: Transports,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) if (typeof value === 'string') headers.set(name, value);
  const url = `http://${request.headers.host ?? 'localhost'}${request.url ?? ''}`;
  const answer = await transports.sseResponse(
    new Request(url, { method: request.method ?? 'GET', headers, signal: gone.signal }),
  );
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (!answer.body) response.end();
  else await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), response);
}

async function closeAll(server: Server, transports: Transports, feed: Feed, store: OpenStore): Promise<void> {
  transports.drain();
  transports.close();
  server.closeAllConnections();
  server.close();
  await feed.close();
  await store.close();
}
