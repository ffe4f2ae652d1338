/** After a jump the pages beside its lines wait: the reader looks at these first, or jumps on. */
const SETTLE_MS = 120;

/** That the reader has just jumped somewhere. */
export class Arrival {
  #settledAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  note(): void {
    this.#settledAt = performance.now() + SETTLE_MS;
  }

  /** True right after a jump: then it calls `load` a little later; of several calls the last one holds. */
  defers(load: () => void): boolean {
    const left = this.#settledAt - performance.now();
    if (left <= 0) return false;
    this.cancel();
    this.#timer = setTimeout(load, left);
    return true;
  }

  /** Calls nothing any more that waits. */
  cancel(): void {
    clearTimeout(this.#timer);
  }
}
