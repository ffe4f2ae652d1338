import type { Duplex } from 'node:stream';
import { StratalError } from '@/lib/errors/stratal-error';

/** What Node says of a request that it could not take, as the problem that its client is told. */
export function fromClientError(error: Error): StratalError {
  switch ('code' in error ? error.code : undefined) {
    case 'HPE_HEADER_OVERFLOW':
      return new StratalError(
        'STRATAL_HEADERS_TOO_LARGE',
        'The address and the header fields are over 16 KiB together; send less.',
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new StratalError(
        'STRATAL_REQUEST_TIMEOUT',
        'The header fields did not arrive in time; send them at once.',
      );
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new StratalError('STRATAL_TOO_LARGE', 'The chunk extensions of the body are over 16 KiB; leave them out.');
    default:
      return new StratalError('STRATAL_BAD_REQUEST', 'The request is not valid HTTP/1.1; see what the client sends.');
  }
}

/** True where the connection is gone, so that nobody reads an answer. */
export function isGone(error: Error, socket: Duplex): boolean {
  return !socket.writable || ('code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE'));
}
