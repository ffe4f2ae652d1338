import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authorize } from '@/lib/auth/authorize';
import { StratalError } from '@/lib/errors/stratal-error';
import { API_BASE } from '@/lib/protocol/api';
import { credentialOf, pathOf } from './access';
import { isAsset, refuseForeignLoad } from './foreign-load';
import { refuseOddRequest } from './odd-request';
import { problemAnswer, toPublicError } from './problem-answer';
import { methodsOf } from './rest/api-methods';
import { SOCKET_IO_PATH, WEBSOCKET_PATH } from './upgrade-router';

export interface HttpGateOptions {
  authorize: Authorize;
  /** Origins of other sites whose pages may read answers. */
  allowedOrigins: readonly string[];
  /** `next dev`, whose overlay evaluates code and opens a socket of its own. */
  dev: boolean;
}

/**
 * Stands before every HTTP request, pages and files included: refuses foreign hosts and origins, sets security headers, answers
 * preflights and what Next would answer without a word. Returns false where it has answered.
 */
export function passHttpGate(request: IncomingMessage, response: ServerResponse, options: HttpGateOptions): boolean {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'same-origin');
  // Next would believe anybody who says what a proxy before us was asked.
  for (const name of FORWARDED) delete request.headers[name];
  const path = pathOf(request.url ?? '');
  const { origin } = request.headers;
  const isAllowedOrigin = origin !== undefined && options.allowedOrigins.includes(origin);
  // A browser gives what it has to no other page, also where an older one does not say from where it asks.
  if (!isAllowedOrigin && !isAsset(path)) response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  try {
    refuseOddRequest(request);
    options.authorize(credentialOf(request), 'read');
    refuseForeignLoad(path, request.headers);
  } catch (error) {
    answerProblem(response, error);
    return false;
  }
  if (isAllowedOrigin) {
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Vary', 'Origin');
    response.setHeader('Access-Control-Expose-Headers', 'Content-Disposition, Location, Retry-After');
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
      response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, POST, PATCH, DELETE');
      response.setHeader('Access-Control-Allow-Headers', PREFLIGHT_HEADERS);
      response.setHeader('Access-Control-Max-Age', '600');
      response.writeHead(204).end();
      return false;
    }
  }
  try {
    if (answerMethod(request, response)) return false;
  } catch (error) {
    answerProblem(response, error);
    return false;
  }
  setContentPolicy(path, request, response, options.dev);
  return true;
}

const FORWARDED = ['x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port'];

/** What Next knows what to do with; others it answers with a bare 400 or 500. */
const NEXT_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Answers OPTIONS, to which Next says nothing for a page; refuses an address that cannot be read and a method that it does not take, with `Allow`. */
function answerMethod(request: IncomingMessage, response: ServerResponse): boolean {
  const { method = 'GET', url = '/' } = request;
  if (!url.startsWith('/')) return answerServer(method, response);
  const path = decodePath(pathOf(url));
  if (path === WEBSOCKET_PATH || path === SOCKET_IO_PATH) {
    response.setHeader('Upgrade', 'websocket').setHeader('Connection', 'Upgrade');
    throw new StratalError(
      'STRATAL_UPGRADE_REQUIRED',
      path === SOCKET_IO_PATH
        ? "Socket.IO is served over WebSocket alone: connect with transports: ['websocket']."
        : 'Open this address as a WebSocket; over plain HTTP the same lines are at /api/v1/logs/stream/sse.',
    );
  }
  const allowed = methodsOf(path) ?? NEXT_METHODS;
  if (!allowed.includes(method)) {
    response.setHeader('Allow', allowed.join(', '));
    throw new StratalError(
      'STRATAL_METHOD_NOT_ALLOWED',
      `${method} is not for ${path}; it takes ${allowed.join(', ')}.`,
    );
  }
  if (method !== 'OPTIONS') return false;
  response.writeHead(204, { Allow: allowed.join(', ') }).end();
  return true;
}

/** `OPTIONS *` asks for the server as a whole; no other request may name no path (RFC 9112 §3.2.4). */
function answerServer(method: string, response: ServerResponse): boolean {
  if (method !== 'OPTIONS') throw new StratalError('STRATAL_BAD_PARAMETER', 'The address must be a path.');
  response.writeHead(204, { Allow: NEXT_METHODS.join(', ') }).end();
  return true;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new StratalError(
      'STRATAL_BAD_PARAMETER',
      'The address has a % that no two hexadecimal digits follow, or no UTF-8.',
    );
  }
}

const PREFLIGHT_HEADERS =
  'Authorization, Content-Type, Content-Encoding, Last-Event-ID, Stratal-Source, Stratal-Position, Stratal-Job-Run, Stratal-Task-Run, Stratal-Task-Name';

/** Answers of the API are no pages: they load nothing, and need no nonce, which costs as much as all else of the gate. */
const API_POLICY = "default-src 'none'; frame-ancestors 'self'";

/** Next takes the nonce for its scripts from the request's own policy header. */
function setContentPolicy(path: string, request: IncomingMessage, response: ServerResponse, dev: boolean): void {
  if (path.startsWith(`${API_BASE}/`)) {
    response.setHeader('Content-Security-Policy', API_POLICY);
    return;
  }
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ''}`,
    // Positions and sizes of virtual rows are style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${webSocketOrigins(request)}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join('; ');
  request.headers['x-nonce'] = nonce;
  request.headers['content-security-policy'] = policy;
  response.setHeader('Content-Security-Policy', policy);
  // Nobody who opened the page, or whom it opens, holds its window.
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
}

/** The own WebSockets, which not every browser counts as 'self'. The Host was admitted, so it holds nothing that ends a source. */
function webSocketOrigins({ headers }: IncomingMessage): string {
  const { host = '' } = headers;
  return `ws://${host} wss://${host}`;
}

/** Ends a response with an error as a problem object. */
function answerProblem(response: ServerResponse, error: unknown): void {
  const { status, headers, body } = problemAnswer(toPublicError(error));
  response.writeHead(status, headers).end(body);
}
