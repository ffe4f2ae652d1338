import { Readable } from 'node:stream';

/**
 * A body whose pieces, none of them empty, are made as they are taken. The signal that `make` is given aborts as soon as the body is closed, also
 * while a piece is being waited for (`Readable.from` would wait for that piece first), and when the server stops.
 */
export function streamedBody(
  make: (signal: AbortSignal) => AsyncGenerator<Uint8Array>,
  draining: AbortSignal,
): Readable {
  const closed = new AbortController();
  const abort = () => closed.abort();
  const pieces = make(closed.signal);
  if (draining.aborted) abort();
  else draining.addEventListener('abort', abort);
  return new Readable({
    read() {
      pieces.next().then(
        ({ done, value }) => this.push(done ? null : value),
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, callback) {
      draining.removeEventListener('abort', abort);
      abort();
      // What is under way ends with the signal's error, which nobody is left to hear.
      pieces.return(undefined).catch(() => {});
      callback(error);
    },
  });
}
