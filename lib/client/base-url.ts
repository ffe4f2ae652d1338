import { API_BASE } from '@/lib/protocol/api';

const NODE_DEFAULT = 'http://localhost:8080';

/** True in Node and its like; false in browsers and their workers. */
export function isNode(): boolean {
  return typeof document === 'undefined' && typeof process === 'object' && typeof process.versions?.node === 'string';
}

/**
 * The server's address without a trailing slash; it may have a path, behind a proxy.
 * @defaultValue the page's own origin in browsers, http://localhost:8080 elsewhere
 */
export function resolveBaseUrl(baseUrl?: string): string {
  const origin = typeof location === 'undefined' || location.origin === 'null' ? NODE_DEFAULT : location.origin;
  const text = baseUrl === undefined || baseUrl === '' ? origin : baseUrl;
  const url = new URL(text, origin);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

type QueryValue = string | number | boolean | undefined;

/** An address of the API: `path` below `/api/v1`, its parameters encoded; undefined ones are left out. */
export function apiUrl(baseUrl: string, path: string, query: Record<string, QueryValue> = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return `${baseUrl}${API_BASE}${path}${text === '' ? '' : `?${text}`}`;
}
