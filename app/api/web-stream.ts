import type { Readable } from 'node:stream';

/** A Node stream as a web one that pulls as its reader takes, and destroys it where the reader goes. */
export function toWebStream(body: Readable): ReadableStream<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        controller.error(error);
      }
    },
    cancel: () => {
      body.destroy();
    },
  });
}
