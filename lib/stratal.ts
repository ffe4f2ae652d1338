import type { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ServerConfig } from './config/server';
import { StratalError } from './errors/stratal-error';
import type { Logger } from './observability/logger';
import { createRuntime, type Runtime } from './runtime';
import { setRuntime } from './runtime-handle';
import { fromClientError, isGone } from './transport/client-error';
import { cutStalledAnswer } from './transport/cut-stalled-answer';
import { discardRest } from './transport/discard-rest';
import { passHttpGate } from './transport/http-gate';
import { OpenAnswers } from './transport/open-answers';
import { putBackUpgrade, wantsWebSocket } from './transport/put-back-upgrade';
import { refuseSocket } from './transport/refuse-socket';
import { takeWholeTarget } from './transport/request-target';
import { serveDownload } from './transport/rest/download-direct';
import { serveIngest } from './transport/rest/ingest-direct';

/** Answers the requests that are not Stratal's own: Next's request handler. */
export type Fallback = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface Stratal {
  readonly runtime: Runtime;
  /**
   * Serves an HTTP server: every request passes the gate, then goes to `fallback`. `devUpgrades` hears the upgrades of `next dev`.
   * Call once, before the server listens.
   */
  attach(server: Server, fallback: Fallback, devUpgrades?: EventEmitter): void;
  /** Stops accepting, tells streams to reconnect, finishes the commit in flight, closes the store. */
  stop(): Promise<void>;
}

/** So long may the header fields of a request take. A body has no such bound. */
const HEADERS_TIMEOUT_MS = 10_000;
/** So long may requests go on after the stop has begun. */
const GRACE_MS = 5000;
const IDLE_SWEEP_MS = 20;

/** Builds Stratal and makes it reachable for route handlers of this process. */
export async function createStratal(config: ServerConfig, logger: Logger): Promise<Stratal> {
  const runtime = await createRuntime(config, logger);
  setRuntime(runtime);
  const { authorize, ingest, rest } = runtime;
  const logFailure = (what: string) => (error: unknown) => logger.error({ err: error }, what);
  const downloads = { rest, authorize, onError: logFailure('a download failed') };
  const posts = { ingest, authorize, onError: logFailure('lines could not be stored') };
  let attached: Server | undefined;
  return {
    runtime,
    attach: (server, fallback, devUpgrades) => {
      attached = server;
      // A body may be sent as long as its program runs, as `curl -T -` does; it is stored while it arrives.
      server.requestTimeout = 0;
      server.headersTimeout = HEADERS_TIMEOUT_MS;
      const upgrades = runtime.transports.upgrades(
        devUpgrades && ((...upgrade) => devUpgrades.emit('upgrade', ...upgrade)),
      );
      const answers = new OpenAnswers();
      server.on('upgrade', (request, socket, head) => {
        if (answers.cutIfOpen(socket)) return;
        takeWholeTarget(request);
        if (wantsWebSocket(request)) upgrades(request, socket, head);
        else putBackUpgrade(server, request, socket, head);
      });
      server.on('clientError', (error, socket) => {
        if (isGone(error, socket) || !answers.mayAnswer(socket)) socket.destroy();
        else refuseSocket(socket, fromClientError(error));
      });
      server.on('connect', (_request, socket) => {
        if (answers.cutIfOpen(socket)) return;
        refuseSocket(socket, new StratalError('STRATAL_METHOD_NOT_ALLOWED', 'This server is no proxy.'), {
          Allow: 'GET',
        });
      });
      const serve = (request: IncomingMessage, response: ServerResponse) => {
        answers.note(request, response);
        takeWholeTarget(request);
        response.once('finish', () => discardRest(request));
        const gate = { authorize, allowedOrigins: config.allowedOrigins, dev: config.dev };
        if (!passHttpGate(request, response, gate)) return;
        if (config.sse === 'direct' && runtime.transports.serveSse(request, response)) return;
        if (serveIngest(request, response, posts)) return;
        if (serveDownload(request, response, downloads)) return;
        cutStalledAnswer(response);
        void fallback(request, response);
      };
      server.on('request', serve);
      // The gate answers it: an expectation that nobody can meet.
      server.on('checkExpectation', serve);
    },
    stop: async () => {
      runtime.drain();
      if (attached) await closeServer(attached, () => runtime.transports.close());
      await runtime.close();
      setRuntime(undefined);
    },
  };
}

/** Ends idle connections at once, busy ones when their answer is out, and what is left after the grace time by force. */
function closeServer(server: Server, closeUpgraded: () => void): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      server.closeAllConnections();
      closeUpgraded();
    }, GRACE_MS);
    // A connection whose answer goes out now would be kept for its next request.
    const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
    server.close(() => {
      clearTimeout(force);
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
  });
}
