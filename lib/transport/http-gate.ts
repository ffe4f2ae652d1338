import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authorize, RequestCredential } from '@/lib/auth/authorize';
import { isStratalError, StratalError } from '@/lib/errors/stratal-error';
import { PROBLEM_TYPE } from '@/lib/protocol/problem';

/** What a Node request shows of itself. */
export function credentialOf(request: IncomingMessage): RequestCredential {
  return {
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    secure: 'encrypted' in request.socket && request.socket.encrypted === true,
  };
}

export interface HttpGateOptions {
  authorize: Authorize;
  /** Origins of other sites whose pages may read answers. */
  allowedOrigins: readonly string[];
  /** `next dev`, whose overlay evaluates code and opens a socket of its own. */
  dev: boolean;
}

/**
 * Stands before every HTTP request, pages and files included: refuses foreign hosts and origins, sets security headers, answers
 * preflights. Returns false where it has answered.
 */
export function passHttpGate(request: IncomingMessage, response: ServerResponse, options: HttpGateOptions): boolean {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'same-origin');
  try {
    options.authorize(credentialOf(request), 'read');
  } catch (error) {
    answerProblem(response, error);
    return false;
  }
  const { origin } = request.headers;
  if (origin !== undefined && options.allowedOrigins.includes(origin)) {
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
  setContentPolicy(request, response, options.dev);
  return true;
}

const PREFLIGHT_HEADERS =
  'Authorization, Content-Type, Content-Encoding, Last-Event-ID, Stratal-Source, Stratal-Position, Stratal-Job-Run, Stratal-Task-Run, Stratal-Task-Name';

/** Next takes the nonce for its scripts from the request's own policy header. */
function setContentPolicy(request: IncomingMessage, response: ServerResponse, dev: boolean): void {
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ''}`,
    // Positions and sizes of virtual rows are style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self' ws: wss:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join('; ');
  request.headers['x-nonce'] = nonce;
  request.headers['content-security-policy'] = policy;
  response.setHeader('Content-Security-Policy', policy);
}

/** Ends a response with an error as a problem object. */
export function answerProblem(response: ServerResponse, error: unknown): void {
  const known = isStratalError(error)
    ? error
    : new StratalError('STRATAL_INTERNAL', 'Something went wrong on the server; its log has the details.');
  response.writeHead(known.status, { 'Content-Type': PROBLEM_TYPE, 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(known.toProblem()));
}
