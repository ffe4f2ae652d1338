import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '@/lib/client/backoff';
import { StreamError } from '@/lib/client/client-errors';

/** Counts resets between which no line was read: a server that answers with nothing else must not be asked without end or pause. */
export class ResetLimit {
  readonly #max: number;
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Another reset. Resolves when it may be followed, the first one at once; throws where they were too many. */
  async add(): Promise<void> {
    this.#count += 1;
    if (this.#count >= this.#max) {
      throw new StreamError('gave-up', `The lines were gone before they could be read, ${this.#count} times in a row.`);
    }
    if (this.#count > 1) await sleep(backoffMs(this.#count - 1, Math.random()));
  }

  clear(): void {
    this.#count = 0;
  }
}
