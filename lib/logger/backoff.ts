const BASE_MS = 100;

/**
 * Waiting times between attempts: full jitter (anything between nothing and a bound that doubles), so that many producers
 * of one server do not come back at the same instant. `floorMs` is what the server asked for (Retry-After).
 */
export class Backoff {
  readonly #maxMs: number;
  readonly #random: () => number;
  #failures = 0;

  /** `random` gives [0, 1). */
  constructor(options: { maxMs: number; random?: () => number }) {
    this.#maxMs = options.maxMs;
    this.#random = options.random ?? Math.random;
  }

  /** How long to wait after one more failure, in ms. */
  next(floorMs = 0): number {
    const bound = Math.min(this.#maxMs, BASE_MS * 2 ** Math.min(this.#failures, 20));
    this.#failures += 1;
    return Math.min(this.#maxMs, floorMs + Math.round(this.#random() * bound));
  }

  reset(): void {
    this.#failures = 0;
  }
}
