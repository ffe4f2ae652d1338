import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Authorize } from '@/lib/auth/authorize';
import type { StratalError } from '@/lib/errors/stratal-error';
import type { LineEncoder } from '@/lib/feed/line-encoder';
import { CLOSE, SUBPROTOCOL } from '@/lib/protocol/close-codes';
import { credentialOf, queryOf } from '@/lib/transport/access';
import type { StreamScope } from '@/lib/transport/line-cursor';
import { toPublicError } from '@/lib/transport/problem-answer';
import type { Session } from '@/lib/transport/session';
import { parseStreamQuery, type StreamRequest } from '@/lib/transport/stream-request';
import { type OpenedStream, Streams } from '@/lib/transport/streams';
import { frameFormat } from './frames';
import { Heartbeat } from './heartbeat';
import { WebSocketSink } from './websocket-sink';

/** Clients have nothing to say; a control frame has at most 125 bytes. */
const CLIENT_FRAME_BYTES_MAX = 4096;
/** Of a close frame's reason (RFC 6455 §5.5). */
const REASON_BYTES_MAX = 123;

export interface WebSocketEndpointOptions {
  streams: Streams;
  authorize: Authorize;
  /** Observability: an error that is not the reader's. */
  onError: (error: unknown) => void;
}

/** GET /api/v1/logs/stream/ws. A browser cannot read the HTTP status of a refused upgrade, so refusals are accepted and closed with a code. */
export class WebSocketEndpoint {
  readonly #options: WebSocketEndpointOptions;
  readonly #encoders: Record<StreamScope, LineEncoder<Buffer>>;
  readonly #heartbeat: Heartbeat;
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    clientTracking: false,
    maxPayload: CLIENT_FRAME_BYTES_MAX,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });

  constructor(options: WebSocketEndpointOptions) {
    this.#options = options;
    const { clock, encodings, store } = options.streams.feed;
    this.#heartbeat = new Heartbeat(clock);
    this.#encoders = {
      run: encodings.encoder(frameFormat(store.epoch, 'run')),
      global: encodings.encoder(frameFormat(store.epoch, 'global')),
    };
  }

  /** Takes an upgrade whose Host and Origin are admitted; `refusal`: accept it and close it with that error's code. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, refusal: StratalError | undefined): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => {}); // A broken frame: ws closes with the code for it.
      webSocket.on('message', (_data, isBinary) =>
        webSocket.close(isBinary ? CLOSE.binaryFrame : CLOSE.unexpectedFrame, 'this stream takes no messages'),
      );
      if (refusal) refuse(webSocket, refusal);
      else void this.#serve(request, webSocket, socket);
    });
  }

  async #serve(request: IncomingMessage, webSocket: WebSocket, socket: Duplex): Promise<void> {
    let parsed: StreamRequest;
    let opened: OpenedStream;
    try {
      parsed = parseStreamQuery(queryOf(request.url ?? ''), undefined);
      if (parsed.runId !== undefined) this.#options.authorize(credentialOf(request), 'read', parsed.runId);
      opened = await this.#options.streams.open(parsed, 'websocket');
    } catch (error) {
      const known = toPublicError(error);
      if (known.code === 'STRATAL_INTERNAL') this.#options.onError(error);
      refuse(webSocket, known);
      return;
    }
    if (opened.over !== undefined) webSocket.close(CLOSE.ended, opened.over.status);
    if (webSocket.readyState !== webSocket.OPEN) {
      opened.release();
      return;
    }
    let session: Session<Buffer> | undefined;
    const sink = new WebSocketSink(webSocket, socket, webSocket.protocol === SUBPROTOCOL, () => session?.drained());
    webSocket.once('close', () => session?.stop());
    this.#heartbeat.add(webSocket);
    session = opened.start(sink, this.#encoders[Streams.scopeOf(parsed)]);
  }
}

function refuse(webSocket: WebSocket, error: StratalError): void {
  const reason = Buffer.from(`${error.code}: ${error.message}`).subarray(0, REASON_BYTES_MAX);
  // A character cut in two would make the reason invalid.
  webSocket.close(error.closeCode, reason.toString('utf8').replace(/\uFFFD+$/, ''));
}
