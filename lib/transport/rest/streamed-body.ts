import { Readable } from 'node:stream';

/**
 * A body whose pieces are made as they are taken. `make` is given a signal that aborts as soon as the body is closed, also while it waits for
 * something, and when the server stops.
 */
export function streamedBody(
  make: (signal: AbortSignal) => AsyncGenerator<Uint8Array>,
  draining: AbortSignal,
): Readable {
  const closed = new AbortController();
  const abort = () => closed.abort();
  const body = Readable.from(make(closed.signal), { objectMode: false });
  // The generator itself is told only at its next piece.
  body.once('close', () => {
    draining.removeEventListener('abort', abort);
    abort();
  });
  if (draining.aborted) abort();
  else draining.addEventListener('abort', abort);
  return body;
}
