import { Agent as HttpAgent, type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { API_BASE } from '@/lib/protocol/api';

const compress = promisify(gzip);
const ANSWER_BYTES_MAX = 1024 * 1024;
const RETRY_AFTER_MS_MAX = 60_000;

/** What a server answered. */
export interface Answer {
  status: number;
  /** The body as JSON; undefined where it is none. */
  body: unknown;
  /** Retry-After, where it gave one. */
  retryAfterMs?: number | undefined;
}

/** No answer: the server is down, unreachable or silent, or the request was aborted. What it did is not known. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

export interface ApiRequest {
  method: 'POST' | 'PATCH' | 'GET';
  /** Below the API's base, such as `/job-runs`. */
  path: string;
  body?: Buffer | undefined;
  headers?: Record<string, string> | undefined;
}

export interface ApiConnectionOptions {
  /** Where the server is, such as `https://logs.example.com`; a path before the API's is kept. */
  url: string;
  token?: string | undefined;
  /** A server that says nothing for this long counts as unreachable. @defaultValue 30_000 */
  timeoutMs?: number | undefined;
  /** Bodies from this size on are sent as gzip. @defaultValue 16 KiB, and never to this machine itself */
  compressFromBytes?: number | undefined;
}

/** A kept-alive connection to one server's API. An open request does not keep the process alive. */
export class ApiConnection {
  readonly url: string;
  readonly #base: URL;
  readonly #token: string | undefined;
  readonly #timeoutMs: number;
  readonly #compressFromBytes: number;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(options: ApiConnectionOptions) {
    this.url = options.url.replace(/\/+$/, '');
    this.#base = new URL(this.url);
    this.#token = options.token;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    const near = /^(localhost|.*\.localhost|127\..*|\[::1\])$/.test(this.#base.hostname);
    this.#compressFromBytes = options.compressFromBytes ?? (near ? Number.POSITIVE_INFINITY : 16 * 1024);
    this.#agent =
      this.#base.protocol === 'https:' ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  }

  /** The answer, whatever its status; throws UnreachableError alone. */
  async send(request: ApiRequest, signal: AbortSignal): Promise<Answer> {
    const body = request.body ?? Buffer.alloc(0);
    const isCompressed = body.length >= this.#compressFromBytes;
    const headers: Record<string, string> = { accept: 'application/json', ...request.headers };
    if (this.#token !== undefined) headers.authorization = `Bearer ${this.#token}`;
    if (isCompressed) headers['content-encoding'] = 'gzip';
    const sent = isCompressed ? await compress(body, { level: 1 }) : body;
    headers['content-length'] = String(sent.length);
    const options: RequestOptions = { method: request.method, headers, agent: this.#agent, signal };
    return this.#exchange(request.path, options, sent, true);
  }

  /** Ends idle connections. */
  close(): void {
    this.#agent.destroy();
  }

  #exchange(path: string, options: RequestOptions, body: Buffer, mayRepeat: boolean): Promise<Answer> {
    const url = new URL(`${this.#base.pathname.replace(/\/$/, '')}${API_BASE}${path}`, this.#base);
    const start = this.#base.protocol === 'https:' ? requestHttps : requestHttp;
    return new Promise<Answer>((resolve, reject) => {
      const outgoing = start(url, options, (response) => {
        readAnswer(response).then(resolve, (error) => reject(toUnreachable(error)));
      });
      outgoing.on('socket', (socket) => socket.unref());
      outgoing.setTimeout(this.#timeoutMs, () =>
        outgoing.destroy(new Error(`no answer in ${this.#timeoutMs / 1000} s`)),
      );
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // A kept-alive socket that the server had closed meanwhile: once more on a new one. Every request may be repeated.
        const wasStale = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
        if (wasStale && mayRepeat) resolve(this.#exchange(path, options, body, false));
        else reject(toUnreachable(error));
      });
      outgoing.end(body);
    });
  }
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size <= ANSWER_BYTES_MAX) chunks.push(bytes);
  }
  const { location, 'retry-after': retryAfter } = response.headers;
  const answer: Answer = { status: response.statusCode ?? 0, body: parseJson(Buffer.concat(chunks).toString()) };
  const seconds = Number(retryAfter);
  if (retryAfter !== undefined && seconds >= 0) answer.retryAfterMs = Math.min(RETRY_AFTER_MS_MAX, seconds * 1000);
  if (location !== undefined && answer.status >= 300 && answer.status < 400) {
    answer.body = { detail: `the server redirects to ${location}` };
  }
  return answer;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toUnreachable(error: unknown): UnreachableError {
  // With both IPv6 and IPv4 tried, Node gives an AggregateError without a message of its own.
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return new UnreachableError(first instanceof Error ? first.message : String(first), { cause: error });
}
