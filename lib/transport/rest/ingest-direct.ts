import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authorize } from '@/lib/auth/authorize';
import { API_BASE, type IngestResult } from '@/lib/protocol/api';
import { credentialOf, pathOf } from '@/lib/transport/access';
import { problemAnswer, toPublicError } from '@/lib/transport/problem-answer';

const LOGS_PATH = `${API_BASE}/logs`;
const RUN_LOGS_PATH = new RegExp(`^${API_BASE}/job-runs/([^/]+)/logs$`);

/** Stores a body; `runId` is the run in the URL, where there is one. */
export type Ingest = (
  header: (name: string) => string | undefined,
  runId: string | undefined,
  input: {
    body: AsyncIterable<Uint8Array> | Buffer;
    contentType: string | undefined;
    contentEncoding: string | undefined;
  },
) => Promise<IngestResult>;

export interface IngestDirectOptions {
  ingest: Ingest;
  authorize: Authorize;
  /** Observability: an error that is not the producer's. */
  onError: (error: unknown) => void;
}

/**
 * Answers POST of lines on Node's response and returns true; false for any other request. Before the route handlers of the same
 * addresses, which stay for an embedding that has Next alone: a small post costs Next several times what storing it does.
 */
export function serveIngest(request: IncomingMessage, response: ServerResponse, options: IngestDirectOptions): boolean {
  if (request.method !== 'POST') return false;
  const path = pathOf(request.url ?? '');
  const id = RUN_LOGS_PATH.exec(path)?.[1];
  if (id === undefined && path !== LOGS_PATH) return false;
  void answer(id === undefined ? undefined : decodeURIComponent(id), request, response, options);
  return true;
}

async function answer(
  runId: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  { ingest, authorize, onError }: IngestDirectOptions,
): Promise<void> {
  try {
    const credential = credentialOf(request);
    authorize(credential, 'ingest', runId);
    const result = await ingest(credential.header, runId, {
      // The answer to a refused body has to go out first; what is left of it is taken afterwards.
      body: (await wholeBody(request)) ?? request.iterator({ destroyOnReturn: false }),
      contentType: request.headers['content-type'],
      contentEncoding: request.headers['content-encoding'],
    });
    response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    response.end(JSON.stringify(result));
  } catch (error) {
    const known = toPublicError(error);
    if (known.status >= 500 && known.cause !== undefined) onError(error);
    const { status, headers, body } = problemAnswer(known);
    response.writeHead(status, headers).end(body);
  }
}

/** A larger body is decoded as it comes. */
const WHOLE_BYTES_MAX = 64 * 1024;

/** The body of a request where all of it came with the header, as that of a small post mostly does; nothing is read where it did not. */
async function wholeBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const length = Number(request.headers['content-length']);
  if (!(length > 0 && length <= WHOLE_BYTES_MAX)) return undefined;
  // Node's parser hands on what came with the header before this turn is over.
  await undefined;
  if (request.readableLength !== length) return undefined;
  const body: unknown = request.read();
  return Buffer.isBuffer(body) ? body : undefined;
}
