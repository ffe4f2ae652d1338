import type { IncomingMessage } from 'node:http';
import type { RequestCredential } from '@/lib/auth/authorize';

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

/** What a stream's request says, whether it came as a Node or as a web request. */
export interface StreamHttpRequest {
  method: string;
  /** Path and query; a web Request has an absolute one. */
  url: string;
  credential: RequestCredential;
}

export function fromNodeRequest(request: IncomingMessage): StreamHttpRequest {
  return { method: request.method ?? 'GET', url: request.url ?? '/', credential: credentialOf(request) };
}

export function fromWebRequest(request: Request): StreamHttpRequest {
  const header = (name: string) => request.headers.get(name) ?? undefined;
  return { method: request.method, url: request.url, credential: { header, secure: request.url.startsWith('https:') } };
}

/** The query of a path with one, or of an absolute URL. */
export function queryOf(url: string): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at));
}

/** The path of a request's URL without its query and a trailing slash. */
export function pathOf(url: string): string {
  const path = url.split('?', 1)[0] ?? '';
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
