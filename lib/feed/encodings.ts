import { LRUCache } from 'lru-cache';
import type { LineBatch } from '@/lib/store/line-batch';
import { LineEncoder, type LineFormat } from './line-encoder';

/** Batches of the store that were encoded, and what was encoded from them, which no tail counts. */
const STORED_BYTES_MAX = 32 * 1024 * 1024;

/** All encoders of a feed, and the bounds on what they keep: the tail's for its batches, one of their own for those of the store. */
export class Encodings {
  readonly #growTail: (batch: LineBatch, bytes: number) => boolean;
  readonly #forgetters: Array<(batch: LineBatch) => void> = [];
  readonly #stored = new LRUCache<LineBatch, number>({
    maxSize: STORED_BYTES_MAX,
    sizeCalculation: (bytes) => bytes,
    dispose: (_bytes, batch, reason) => {
      if (reason !== 'set') this.forget(batch);
    },
  });

  /** `growTail` counts bytes for a batch of the tail and says false for any other. */
  constructor(growTail: (batch: LineBatch, bytes: number) => boolean) {
    this.#growTail = growTail;
  }

  /** An encoder that shares its blocks among all readers who use it: make one per format, not per reader. */
  encoder<D extends Buffer | string>(format: LineFormat<D>): LineEncoder<D> {
    const encoder = new LineEncoder(format, (batch, bytes) => {
      if (this.#growTail(batch, bytes)) return;
      this.#stored.set(batch, (this.#stored.peek(batch) ?? batch.sizeBytes) + bytes);
      // One that is larger than all that may be kept is not.
      if (!this.#stored.has(batch)) this.forget(batch);
    });
    this.#forgetters.push((batch) => encoder.forget(batch));
    return encoder;
  }

  forget(batch: LineBatch): void {
    for (const forget of this.#forgetters) forget(batch);
  }
}
