/**
 * The numbers of the lines that a search has found: those that the server gives, ascending, and those that arrive live
 * meanwhile. The two may overlap; every line is in the list once.
 */
export class HitList {
  readonly #found: number[] = [];
  #live: number[] = [];

  get count(): number {
    return this.#found.length + this.#live.length;
  }

  /** Lines from the server's search, ascending. */
  addFound(lines: readonly number[]): void {
    for (const line of lines) {
      if (line > (this.#found.at(-1) ?? 0)) this.#found.push(line);
    }
    const last = this.#found.at(-1) ?? 0;
    // What came live is in the search's answer as well where the search got that far.
    if ((this.#live[0] ?? Number.POSITIVE_INFINITY) <= last) this.#live = this.#live.filter((line) => line > last);
  }

  /** What came live counts as found: a search goes on behind it. */
  settle(): void {
    for (const line of this.#live) this.#found.push(line);
    this.#live = [];
  }

  /** Lines from the stream, ascending. */
  addLive(lines: readonly number[]): void {
    for (const line of lines) {
      if (line > Math.max(this.#found.at(-1) ?? 0, this.#live.at(-1) ?? 0)) this.#live.push(line);
    }
  }

  toArray(): number[] {
    return [...this.#found, ...this.#live];
  }
}

/** How many of the ascending numbers are below `line`. */
export function countBelow(lines: readonly number[], line: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lines[middle] ?? Number.POSITIVE_INFINITY) < line) low = middle + 1;
    else high = middle;
  }
  return low;
}
