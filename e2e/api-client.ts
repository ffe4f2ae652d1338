import { randomUUID } from 'node:crypto';
import http from 'node:http';

/** An answer as it came over the wire. */
export class Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly bytes: Buffer;

  constructor(status: number, headers: http.IncomingHttpHeaders, bytes: Buffer) {
    this.status = status;
    this.headers = headers;
    this.bytes = bytes;
  }

  get text(): string {
    return this.bytes.toString('utf8');
  }

  /** The JSON body, or the place in it that names with dots between lead to: `pagination.next`, `logs.0.message`. */
  json(place = ''): unknown {
    let value: unknown = JSON.parse(this.text);
    for (const name of place === '' ? [] : place.split('.')) {
      value =
        typeof value === 'object' && value !== null
          ? Object.entries(value).find(([key]) => key === name)?.[1]
          : undefined;
    }
    return value;
  }

  /** One member of each object of a list: `logs`, `message`. */
  column(list: string, member: string): unknown[] {
    const items = this.json(list);
    if (!Array.isArray(items)) throw new Error(`${list} is no list in ${this.text.slice(0, 500)}`);
    return items.map((item: Record<string, unknown>) => item[member]);
  }
}

export interface CallOptions {
  headers?: Record<string, string>;
  body?: string | Buffer | undefined;
}

export type Line = string | Record<string, unknown>;

const NDJSON = { 'content-type': 'application/x-ndjson' };

/** Sends requests exactly as a test writes them: no default header but Host, no retry, no redirect. */
export class ApiClient {
  readonly url: string;
  readonly #agent = new http.Agent({ keepAlive: true });

  constructor(url: string) {
    this.url = url;
  }

  /** A path that begins with `/api` or another slash is taken as it is; others are below the API's base. */
  call(method: string, path: string, { headers = {}, body }: CallOptions = {}): Promise<Answer> {
    const { request, answer } = this.open(method, path, headers);
    // Of a text, Node would send the headers in UTF-8 too.
    request.end(typeof body === 'string' ? Buffer.from(body) : body);
    return answer;
  }

  /** A request whose body is sent piece by piece. */
  open(
    method: string,
    path: string,
    headers: Record<string, string> = {},
  ): { request: http.ClientRequest; answer: Promise<Answer> } {
    const url = `${this.url}${path.startsWith('/') ? '' : '/api/v1/'}${path}`;
    const request = http.request(url, { method, headers, agent: this.#agent });
    const answer = new Promise<Answer>((resolve, reject) => {
      request.on('error', reject);
      request.once('response', (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.once('end', () =>
          resolve(new Answer(response.statusCode ?? 0, response.headers, Buffer.concat(pieces))),
        );
      });
    });
    // A test that cuts a request does not wait for its answer.
    answer.catch(() => {});
    return { request, answer };
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.call('GET', path, { headers });
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.#send('POST', path, body);
  }

  patch(path: string, body: unknown): Promise<Answer> {
    return this.#send('PATCH', path, body);
  }

  delete(path: string): Promise<Answer> {
    return this.call('DELETE', path);
  }

  /** Lines as NDJSON; a text is its message. */
  lines(runId: string, lines: readonly Line[], headers: Record<string, string> = {}): Promise<Answer> {
    return this.call('POST', `job-runs/${runId}/logs`, { headers: { ...NDJSON, ...headers }, body: toNdjson(lines) });
  }

  /** The messages of a run, and of no other stream than the program's. */
  async messages(runId: string): Promise<unknown[]> {
    return (await this.get(`logs/job-runs/${runId}?limit=1000&stream=stdout,stderr`)).column('logs', 'message');
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(method: string, path: string, body: unknown): Promise<Answer> {
    return this.call(method, path, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  }
}

export function toNdjson(lines: readonly Line[]): string {
  return lines.map((line) => `${JSON.stringify(typeof line === 'string' ? { message: line } : line)}\n`).join('');
}

/** An id that no other test has. */
export function freshId(prefix = 'run'): string {
  return `${prefix}-${randomUUID().slice(0, 13)}`;
}

/** What a problem object has to be. */
export function problem(status: number, code: string, members: Record<string, unknown> = {}): Record<string, unknown> {
  return { type: 'about:blank', status, code, ...members };
}
