const FIRST_CAPACITY = 1024;

/** Numbers in a row, 4 bytes each: transcripts of millions of lines stay small. Values are unsigned 32-bit. */
export class NumberColumn {
  #values = new Uint32Array(FIRST_CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Uint32Array(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  at(index: number): number {
    const value = index < this.#length ? this.#values[index] : undefined;
    if (value === undefined) throw new RangeError(`there is no number ${index} of ${this.#length}`);
    return value;
  }
}
