import type { Authorize } from '@/lib/auth/authorize';
import type { LineEncoder } from '@/lib/feed/line-encoder';
import { queryOf, type StreamHttpRequest } from '@/lib/transport/access';
import type { StreamScope } from '@/lib/transport/line-cursor';
import { problemAnswer, toPublicError } from '@/lib/transport/problem-answer';
import { parseStreamQuery, type StreamRequest } from '@/lib/transport/stream-request';
import { type OpenedStream, Streams } from '@/lib/transport/streams';
import { eventFormat, SSE_HEADERS, SSE_RETRY } from './events';

export interface SseEndpointOptions {
  streams: Streams;
  authorize: Authorize;
  /** Observability: an error that is not the reader's. */
  onError: (error: unknown) => void;
}

/** What to answer: a whole answer, or the head of a stream. */
export type SseAnswer =
  | { kind: 'whole'; status: number; headers: Record<string, string>; body: string | undefined }
  | { kind: 'stream'; headers: Record<string, string>; opened: OpenedStream; request: StreamRequest };

/** GET /api/v1/logs/stream/sse, apart from who carries the bytes: Node's response or a web Response. */
export class SseEndpoint {
  readonly #options: SseEndpointOptions;
  readonly #encoders: Record<'plain' | 'chunked', Record<StreamScope, LineEncoder<Buffer>>>;

  constructor(options: SseEndpointOptions) {
    this.#options = options;
    const { encodings, store } = options.streams.feed;
    const encoders = (isChunked: boolean) => ({
      run: encodings.encoder(eventFormat(store.epoch, 'run', isChunked)),
      global: encodings.encoder(eventFormat(store.epoch, 'global', isChunked)),
    });
    this.#encoders = { plain: encoders(false), chunked: encoders(true) };
  }

  /** The lines of a stream as events; `isChunked`: as chunks of HTTP/1.1. */
  encoderOf(request: StreamRequest, isChunked = false): LineEncoder<Buffer> {
    return this.#encoders[isChunked ? 'chunked' : 'plain'][Streams.scopeOf(request)];
  }

  /** Never throws: what is wrong with the request is its answer. */
  async answer(request: StreamHttpRequest): Promise<SseAnswer> {
    const { streams, authorize } = this.#options;
    const { credential } = request;
    try {
      // Who may not read anything is not told which parameter was wrong.
      authorize(credential, 'read');
      const parsed = parseStreamQuery(queryOf(request.url), credential.header('last-event-id'));
      if (parsed.runId !== undefined) authorize(credential, 'read', parsed.runId);
      const opened = await streams.open(parsed, 'sse');
      const headers = { ...SSE_HEADERS };
      if (opened.over === undefined && request.method !== 'HEAD') {
        return { kind: 'stream', headers, opened, request: parsed };
      }
      opened.release();
      // 204 is how EventSource is told to stop (WHATWG HTML, server-sent events, processing model).
      if (opened.over !== undefined) return { kind: 'whole', status: 204, headers: {}, body: undefined };
      return { kind: 'whole', status: 200, headers, body: undefined };
    } catch (error) {
      const known = toPublicError(error);
      // EventSource gives up at any other status; a stream that just ends it opens again.
      if (known.code === 'STRATAL_DRAINING')
        return { kind: 'whole', status: 200, headers: SSE_HEADERS, body: SSE_RETRY };
      if (known.code === 'STRATAL_INTERNAL') this.#options.onError(error);
      return { kind: 'whole', ...problemAnswer(known) };
    }
  }
}
