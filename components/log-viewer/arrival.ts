/** After a jump the pages beside its lines wait: the reader looks at these first, or jumps on. */
const SETTLE_MS = 120;

/** That the reader has just jumped somewhere. */
export class Arrival {
  #settledAt = 0;
  readonly #waiting = new Map<() => void, ReturnType<typeof setTimeout>>();

  note(): void {
    this.cancel();
    this.#settledAt = performance.now() + SETTLE_MS;
  }

  /** True right after a jump: then it calls `load` a little later, however often it is asked. */
  defers(load: () => void): boolean {
    const left = this.#settledAt - performance.now();
    if (left <= 0) return false;
    clearTimeout(this.#waiting.get(load));
    this.#waiting.set(load, setTimeout(load, left));
    return true;
  }

  /** Calls nothing any more that waits. */
  cancel(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }
}
