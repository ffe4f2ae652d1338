import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';

const lineSchema = z.looseObject({
  message: z.string(),
  stream: z.string().optional(),
  timestamp: z.string().optional(),
  level: z.string().optional(),
  continues: z.boolean().optional(),
  partial: z.boolean().optional(),
  task_run_id: z.string().optional(),
  attributes: z.record(z.string(), z.unknown()).optional(),
});
export type StoredLine = z.infer<typeof lineSchema> & { job_run_id: string };

const bodySchema = z.looseObject({ id: z.string().optional(), job_run_id: z.string().optional() });

/** One request as it came, in order. */
export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/**
 * What to do with a request instead of serving it. silent: never answer. lost: serve it, then break the connection before
 * the answer. An object: answer so.
 */
export type Interception = 'silent' | 'lost' | { status: number; body?: unknown; headers?: Record<string, string> };

/**
 * A small HTTP server that keeps the ingest contract of WIRE.md in memory: sources and positions, runs, tasks, heartbeats
 * and partials. It outlives its own stops: `stop` and `start` are a restart on the same port.
 */
export class IngestServer {
  readonly lines: StoredLine[] = [];
  readonly partials: StoredLine[] = [];
  readonly requests: SeenRequest[] = [];
  readonly runs = new Map<string, Record<string, unknown>>();
  readonly tasks = new Map<string, Record<string, unknown>>();
  readonly positions = new Map<string, number>();
  heartbeats = 0;
  /** Refuses a line with a 400 that names it. */
  refusesLine: (line: StoredLine) => string | undefined = () => undefined;
  intercept: (request: SeenRequest) => Interception | undefined = () => undefined;
  #server: Server | undefined;
  #port = 0;
  #watchers: Array<() => void> = [];

  static async start(): Promise<IngestServer> {
    const server = new IngestServer();
    await server.listen();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async listen(): Promise<void> {
    const server = createServer((request, response) => void this.#serve(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Breaks all connections; what was stored stays. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  /** Resolves when the condition holds; it is looked at after every request. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  messages(stream?: string): string[] {
    return this.lines.filter((line) => stream === undefined || line.stream === stream).map((line) => line.message);
  }

  /** The run's bytes as the raw download gives them. */
  raw(stream?: string): string {
    return this.lines
      .filter((line) => stream === undefined || line.stream === stream)
      .map((line) => line.message + (line.continues ? '' : '\n'))
      .join('');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(Buffer.from(chunk));
    } catch {
      return;
    }
    const sent = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    const path = (request.url ?? '').replace('/api/v1', '');
    const seen: SeenRequest = { method: request.method ?? '', path, headers: request.headers, body };
    this.requests.push(seen);
    const interception = this.intercept(seen);
    if (typeof interception === 'object') answer(response, interception);
    else if (interception !== 'silent') {
      const result = this.#handle(seen);
      if (interception === 'lost') request.socket.destroy();
      else answer(response, result);
    }
    for (const watcher of this.#watchers.splice(0)) watcher();
  }

  #handle({ method, path, headers, body }: SeenRequest): { status: number; body?: unknown } {
    const [, collection, id = '', tail] = path.split('/');
    if (collection === 'job-runs' && tail === 'logs') return this.#ingest(id, headers, body);
    if (collection === 'job-runs' && tail === 'heartbeat') {
      this.heartbeats += 1;
      return { status: 204 };
    }
    const parsed = bodySchema.parse(JSON.parse(body.toString()));
    const kept = collection === 'job-runs' ? this.runs : this.tasks;
    if (method === 'POST') {
      if (parsed.job_run_id !== undefined && !this.runs.has(parsed.job_run_id)) {
        return { status: 404, body: { code: 'STRATAL_NO_RUN', detail: `There is no job run ${parsed.job_run_id}.` } };
      }
      const known = kept.get(parsed.id ?? '');
      kept.set(parsed.id ?? '', { ...parsed, ...known });
      return { status: known ? 200 : 201, body: kept.get(parsed.id ?? '') };
    }
    kept.set(id, { ...kept.get(id), ...parsed });
    return { status: 200, body: kept.get(id) };
  }

  #ingest(jobRunId: string, headers: IncomingMessage['headers'], body: Buffer): { status: number; body?: unknown } {
    const source = String(headers['stratal-source']);
    const position = Number(headers['stratal-position']);
    const expected = this.positions.get(source) ?? 0;
    if (position > expected) return { status: 409, body: { code: 'STRATAL_INGEST_POSITION', next: expected } };
    const counts = { accepted: 0, skipped: 0 };
    const texts = body
      .toString()
      .split('\n')
      .filter((text) => text !== '');
    for (const [index, text] of texts.entries()) {
      const next = Math.max(expected, position + index);
      const line = parseLine(text, jobRunId);
      const refusal = typeof line === 'string' ? line : this.refusesLine(line);
      if (typeof line === 'string' || refusal !== undefined) {
        this.positions.set(source, next);
        return {
          status: 400,
          body: { code: 'STRATAL_INGEST_LINE', detail: refusal, line: index + 1, ...counts, next },
        };
      }
      if (line.partial) {
        this.partials.push(line);
        continue;
      }
      if (position + index < expected) {
        counts.skipped += 1;
        continue;
      }
      const task = headers['stratal-task-run'];
      this.lines.push(task === undefined ? line : { task_run_id: String(task), ...line });
      counts.accepted += 1;
    }
    this.positions.set(source, expected + counts.accepted);
    return { status: 200, body: { ...counts, next: expected + counts.accepted, job_run_ids: [jobRunId] } };
  }
}

function parseLine(text: string, jobRunId: string): StoredLine | string {
  try {
    return { ...lineSchema.parse(JSON.parse(text)), job_run_id: jobRunId };
  } catch {
    return 'the line is not valid JSON';
  }
}

function answer(
  response: ServerResponse,
  { status, body, headers }: { status: number; body?: unknown; headers?: Record<string, string> },
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
