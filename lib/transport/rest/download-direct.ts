import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Authorize } from '@/lib/auth/authorize';
import { API_BASE } from '@/lib/protocol/api';
import { credentialOf, pathOf, queryOf } from '@/lib/transport/access';
import { ownSocket } from '@/lib/transport/own-socket';
import { problemAnswer, toPublicError } from '@/lib/transport/problem-answer';
import { pieceWriter } from './piece-writer';
import type { RestApi } from './rest-api';

const DOWNLOAD_PATH = new RegExp(`^${API_BASE}/logs/job-runs/([^/]+)/download$`);

export interface DownloadOptions {
  rest: RestApi;
  authorize: Authorize;
  /** Observability: an error that is not the reader's. */
  onError: (error: unknown) => void;
}

/**
 * Answers GET and HEAD of a download on Node's response and returns true; false for any other request. Before the route handler of
 * the same address: Next takes Content-Encoding off what handlers answer, so they cannot compress in transit.
 */
export function serveDownload(request: IncomingMessage, response: ServerResponse, options: DownloadOptions): boolean {
  const id = DOWNLOAD_PATH.exec(pathOf(request.url ?? ''))?.[1];
  if (id === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
  answer(decodeURIComponent(id), request, response, options).catch((error: unknown) => {
    // The reader left, or the store failed in the middle of the file: the connection breaks, so that nobody takes it for whole.
    if (!response.destroyed) options.onError(error);
    response.destroy();
  });
  return true;
}

async function answer(
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
  { rest, authorize, onError }: DownloadOptions,
): Promise<void> {
  if (!(await ownSocket(request, response))) return;
  try {
    authorize(credentialOf(request), 'read', id);
    const acceptsGzip = acceptsEncoding(request.headers['accept-encoding'], 'gzip');
    const { headers, body, isGzipped } = await rest.download(id, queryOf(request.url ?? ''), acceptsGzip);
    response.writeHead(200, headers);
    if (request.method === 'HEAD') response.end();
    else if (isGzipped) await pipeline(body, createGzip(), response);
    else await pipeline(body, pieceWriter(response));
  } catch (error) {
    if (response.headersSent) throw error;
    const known = toPublicError(error);
    if (known.status >= 500) onError(error);
    const { status, headers, body } = problemAnswer(known);
    response.writeHead(status, headers).end(body);
  }
}

/** True where Accept-Encoding names a coding, or all, without `q=0` (RFC 9110 §12.5.3). */
function acceptsEncoding(accepted: string | string[] | undefined, coding: string): boolean {
  const weights = new Map<string, boolean>();
  for (const part of String(accepted ?? '').split(',')) {
    const [name = '', ...options] = part.split(';').map((text) => text.trim().toLowerCase());
    weights.set(name, !options.some((option) => /^q=0(\.0*)?$/.test(option)));
  }
  return weights.get(coding) ?? weights.get('*') ?? false;
}
