import { INGEST_HELD_BYTES_MAX } from '@/lib/config/limits';

/** What the lines of all bodies take that are decoded and not yet committed, so that many bodies at once share one bound. */
export class IngestLoad {
  #bytes = 0;

  get heldBytes(): number {
    return this.#bytes;
  }

  /** True where a body is to read on only when its own lines are committed. */
  get isHigh(): boolean {
    return this.#bytes > INGEST_HELD_BYTES_MAX;
  }

  take(bytes: number): void {
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}
