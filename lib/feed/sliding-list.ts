const COMPACT_AT = 1024;

/** A list that grows at its end and shrinks at its start, both in constant time, with a binary search over rising keys. */
export class SlidingList<T> {
  #items: Array<T | undefined> = [];
  #start = 0;

  get length(): number {
    return this.#items.length - this.#start;
  }

  first(): T | undefined {
    return this.#items[this.#start];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#start];
    this.#items[this.#start] = undefined;
    this.#start += 1;
    if (this.#start >= COMPACT_AT && this.#start * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
    return item;
  }

  /** The first item for which `isAtOrAfter` holds; it must hold for all items behind one for which it does. */
  find(isAtOrAfter: (item: T) => boolean): T | undefined {
    let low = this.#start;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const item = this.#items[middle];
      if (item !== undefined && isAtOrAfter(item)) high = middle;
      else low = middle + 1;
    }
    return this.#items[low];
  }
}
