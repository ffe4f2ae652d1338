/** For so long after the last line came in others are likely to follow. */
const LIVE_MS = 1000;

/** Knows whether lines are coming in: now, or a moment ago. */
export class LiveTime {
  #underWay = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  get isNow(): boolean {
    return this.#underWay > 0 || performance.now() - this.#lastAt < LIVE_MS;
  }

  /** What stores lines, or reads those that another node has stored. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await work();
    } finally {
      this.#underWay -= 1;
      this.#lastAt = performance.now();
    }
  }
}
