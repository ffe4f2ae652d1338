/**
 * The latest time of the last few lines: one that comes late, or lines of two clocks by turns, make no silence; one line
 * that is far ahead hides those that follow for a few lines only.
 */
export class RecentTime {
  readonly #times = [Number.NaN, Number.NaN, Number.NaN];
  #next = 0;

  get latestMs(): number {
    let latest = Number.NaN;
    for (const time of this.#times) if (!(latest >= time) && !Number.isNaN(time)) latest = time;
    return latest;
  }

  note(timeMs: number): void {
    this.#times[this.#next] = timeMs;
    this.#next = (this.#next + 1) % this.#times.length;
  }
}
