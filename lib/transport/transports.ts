import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Authorize } from '@/lib/auth/authorize';
import { StratalError } from '@/lib/errors/stratal-error';
import type { Feed } from '@/lib/feed/feed';
import { API_BASE, type StreamStatus } from '@/lib/protocol/api';
import { pathOf } from './access';
import { ConnectionCounts } from './connections';
import type { RunWatchStore } from './run-watch';
import { SocketIoEndpoint } from './socket-io/socket-io-endpoint';
import { serveSseDirect } from './sse/sse-direct';
import { SseEndpoint } from './sse/sse-endpoint';
import { sseResponse } from './sse/sse-response';
import { Streams } from './streams';
import { type UpgradeHandler, UpgradeRouter } from './upgrade-router';
import { WebSocketEndpoint } from './websocket/websocket-endpoint';

const SSE_PATH = `${API_BASE}/logs/stream/sse`;

export interface TransportsOptions {
  feed: Feed;
  store: RunWatchStore;
  authorize: Authorize;
  /** STRATAL_STREAM_MAX_AGE in milliseconds; 0: none. */
  maxAgeMs: number;
  /** Observability: what failed in the background. */
  onError: (error: unknown) => void;
}

/** All ways in which lines leave this server live. */
export interface Transports {
  /** The body of GET /logs/stream/status. */
  status(): StreamStatus;
  /** Answers the SSE address on Node's response and returns true; false for any other request. */
  serveSse(request: IncomingMessage, response: ServerResponse): boolean;
  /** The same for a route handler. */
  sseResponse(request: Request): Promise<Response>;
  /** The one listener for `server.on('upgrade')`; `next` gets what is under /_next/, in development. */
  upgrades(next?: UpgradeHandler): UpgradeHandler;
  /** Tells every reader to come back and refuses new ones. */
  drain(): void;
  /** Cuts what is left of upgraded connections. */
  close(): void;
}

export function createTransports(options: TransportsOptions): Transports {
  const { feed, store, authorize, maxAgeMs, onError } = options;
  const counts = new ConnectionCounts(() => feed.clock.now());
  const streams = new Streams({ feed, counts, maxAgeMs, onError });
  const sse = new SseEndpoint({ streams, authorize, onError });
  const websocket = new WebSocketEndpoint({ streams, authorize, onError });
  const socketIo = new SocketIoEndpoint({ streams, store, authorize, onError });
  const routers: UpgradeRouter[] = [];
  return {
    status: () => counts.status(),
    serveSse: (request, response) => {
      if (pathOf(request.url ?? '') !== SSE_PATH) return false;
      if (request.method !== 'GET' && request.method !== 'HEAD') return false;
      serveSseDirect(sse, request, response).catch((error: unknown) => {
        onError(error);
        response.destroy();
      });
      return true;
    },
    sseResponse: (request) => sseResponse(sse, request),
    upgrades: (next) => {
      const router = new UpgradeRouter({
        authorize,
        websocket: (request, socket, head, refusal) => websocket.accept(request, socket, head, refusal),
        socketIo: (request: IncomingMessage, socket: Duplex, head: Buffer) => {
          if (counts.isDraining) throw new StratalError('STRATAL_DRAINING', 'The server is stopping; connect again.');
          socketIo.accept(request, socket, head);
        },
        next,
      });
      routers.push(router);
      return router.handle;
    },
    drain: () => {
      streams.drain();
      socketIo.drain();
    },
    close: () => {
      socketIo.close();
      for (const router of routers) router.destroyAll();
    },
  };
}
