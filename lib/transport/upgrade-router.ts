import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Authorize } from '@/lib/auth/authorize';
import { StratalError } from '@/lib/errors/stratal-error';
import { API_BASE } from '@/lib/protocol/api';
import { credentialOf, pathOf } from './access';
import { refuseOddRequest } from './odd-request';
import { toPublicError } from './problem-answer';
import { refuseSocket } from './refuse-socket';
import { refusalOfHandshake } from './websocket-handshake';

export const WEBSOCKET_PATH = `${API_BASE}/logs/stream/ws`;
export const SOCKET_IO_PATH = '/socket.io';
const NEXT_PREFIX = '/_next/';

/** More unsent than this, and a peer is not heard. Subscriptions and lines have bounds of their own far below, each. */
const UNSENT_BYTES_MAX = 1024 * 1024;

/** Takes the upgrade over, or refuses it by its own means. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface UpgradeRouterOptions {
  authorize: Authorize;
  /** Accepts an upgrade in any case; `refusal` is then the code it is closed with. */
  websocket(request: IncomingMessage, socket: Duplex, head: Buffer, refusal: StratalError | undefined): void;
  socketIo: UpgradeHandler;
  /** Where Next's own sockets go in development; undefined in production. */
  next: UpgradeHandler | undefined;
}

/**
 * The one `upgrade` listener of the server: Next's own would end sockets whose path a route matches and leave unknown ones hanging. Also
 * keeps the sockets, which `closeAllConnections` does not know any more.
 */
export class UpgradeRouter {
  readonly #options: UpgradeRouterOptions;
  readonly #sockets = new Set<Duplex>();

  constructor(options: UpgradeRouterOptions) {
    this.#options = options;
  }

  /** The listener for `server.on('upgrade')`. */
  readonly handle: UpgradeHandler = (request, socket, head) => {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    try {
      this.#route(request, socket, head);
    } catch (error) {
      refuseSocket(socket, toPublicError(error));
    }
  };

  /** Sockets that were upgraded and are still there. */
  get size(): number {
    return this.#sockets.size;
  }

  /** Cuts what is left after the grace time of a shutdown. */
  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #route(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { websocket, socketIo, next } = this.#options;
    refuseOddRequest(request);
    const path = pathOf(request.url ?? '/');
    const refusal = this.#refusalOf(request);
    if (next && path.startsWith(NEXT_PREFIX)) {
      next(request, socket, head);
      return;
    }
    if (path !== WEBSOCKET_PATH && path !== SOCKET_IO_PATH) {
      throw new StratalError('STRATAL_NO_ROUTE', 'No WebSocket is served at this address.');
    }
    const broken = refusalOfHandshake(request);
    if (broken) {
      refuseSocket(socket, broken.error, broken.headers);
      return;
    }
    if (path === WEBSOCKET_PATH) websocket(request, socket, head, refusal);
    else if (refusal) throw refusal;
    else socketIo(request, socket, head);
    listenWhileTaken(socket);
  }

  /** Who may not even ask is refused before the upgrade; what else is wrong, each transport says in its way. */
  #refusalOf(request: IncomingMessage): StratalError | undefined {
    try {
      this.#options.authorize(credentialOf(request), 'read');
      return undefined;
    } catch (error) {
      const refusal = toPublicError(error);
      if (refusal.code === 'STRATAL_ORIGIN_REFUSED' || refusal.code === 'STRATAL_HOST_REFUSED') throw refusal;
      return refusal;
    }
  }
}

/**
 * Hears a peer only while it takes what it is sent: every ping and request has an answer, so one that sends them and never reads would
 * fill the memory. Call once the socket's protocol reads it.
 */
function listenWhileTaken(socket: Duplex): void {
  socket.on('data', () => {
    if (socket.writableLength <= UNSENT_BYTES_MAX || socket.isPaused()) return;
    socket.pause();
    socket.once('drain', () => socket.resume());
  });
}
