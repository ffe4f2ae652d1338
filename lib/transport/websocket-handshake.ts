import type { IncomingMessage } from 'node:http';
import { StratalError } from '@/lib/errors/stratal-error';

/** 16 bytes in base64 (RFC 6455 §4.1). */
const KEY = /^[+/0-9A-Za-z]{22}==$/;
/** RFC 6455, and the draft whose frames are the same. */
const VERSIONS: ReadonlySet<string> = new Set(['13', '8']);
/** A list of tokens (RFC 9110 §5.6). */
const TOKENS = /^[!#$%&'*+\-.^_`|~\w]+(?:[ \t]*,[ \t]*[!#$%&'*+\-.^_`|~\w]+)*$/;

/** A refused handshake with the fields that its answer needs. */
export interface HandshakeRefusal {
  error: StratalError;
  headers: Readonly<Record<string, string>>;
}

/** What is wrong with the opening handshake of a WebSocket; undefined where nothing is (RFC 6455 §4.2.1). */
export function refusalOfHandshake({ method, headers }: IncomingMessage): HandshakeRefusal | undefined {
  if (method !== 'GET') {
    const error = new StratalError('STRATAL_METHOD_NOT_ALLOWED', 'A WebSocket is opened with GET.');
    return { error, headers: { Allow: 'GET' } };
  }
  if (!VERSIONS.has(headers['sec-websocket-version'] ?? '')) {
    const error = new StratalError('STRATAL_UPGRADE_REQUIRED', 'Sec-WebSocket-Version must be 13.');
    return { error, headers: { 'Sec-WebSocket-Version': '13', Upgrade: 'websocket' } };
  }
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) {
    return badRequest('Sec-WebSocket-Key must be 16 bytes in base64.');
  }
  const protocols = headers['sec-websocket-protocol'];
  if (protocols !== undefined && !isListOfTokens(protocols)) {
    return badRequest('Sec-WebSocket-Protocol must be names with commas between, each once.');
  }
  return undefined;
}

function isListOfTokens(text: string): boolean {
  if (!TOKENS.test(text)) return false;
  const names = text.split(',').map((name) => name.trim());
  return new Set(names).size === names.length;
}

function badRequest(detail: string): HandshakeRefusal {
  return { error: new StratalError('STRATAL_BAD_REQUEST', detail), headers: {} };
}
