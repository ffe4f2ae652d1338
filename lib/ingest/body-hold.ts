import { INGEST_LINE_IDLE_MS } from '@/lib/config/limits';
import { StratalError } from '@/lib/errors/stratal-error';
import type { Clock } from '@/lib/feed/clock';
import type { IngestLoad } from './ingest-load';

/**
 * What one body holds of a line that has not ended. It counts in the load of all bodies, and ends the body where that is too high or
 * where nothing more comes: who stops in the middle of a line would keep the memory for ever. Between lines a body may rest.
 */
export class BodyHold {
  readonly #load: IngestLoad;
  readonly #clock: Clock;
  #bytes = 0;
  #failure: StratalError | undefined;
  /** Ends the wait for the body's next chunk. */
  #interrupt: ((failure: StratalError) => void) | undefined;

  constructor(load: IngestLoad, clock: Clock) {
    this.#load = load;
    this.#clock = clock;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** So many bytes are held now. Throws where the body has to give way. */
  readonly hold = (bytes: number): void => {
    if (!this.#failure) {
      const before = this.#bytes;
      this.#bytes = bytes;
      this.#load.changePending(this, before);
    }
    if (this.#failure && bytes > 0) throw this.#failure;
  };

  /** Ends the body at once, or when it is about to hold or read more. */
  fail(failure: StratalError): void {
    if (this.#failure) return;
    this.hold(0);
    this.#failure = failure;
    this.#interrupt?.(failure);
  }

  /** The chunks of the body as they come, or why it has ended before its end. */
  async *read(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const source = body[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await (this.#bytes > 0 ? this.#nextInLine(source) : source.next());
        if (this.#failure) throw this.#failure;
        if (next.done) return;
        yield next.value;
      }
    } finally {
      // What is still waited for would have to come first.
      const left = source.return?.().catch(() => {});
      if (!this.#failure) await left;
    }
  }

  #nextInLine(source: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      const stopTimer = this.#clock.after(INGEST_LINE_IDLE_MS, () => this.fail(bodyIdle()));
      const settle = () => {
        stopTimer();
        this.#interrupt = undefined;
      };
      void source.next().then(resolve, reject).finally(settle);
    });
  }
}

function bodyIdle(): StratalError {
  const seconds = INGEST_LINE_IDLE_MS / 1000;
  return new StratalError(
    'STRATAL_INGEST_CUT',
    `Nothing came for ${seconds} seconds inside it; send it again from there.`,
  );
}
