const START_BYTES = 256 * 1024;
/** A larger scratch is given back after use. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;
/** What is smaller is cut from a slab: an allocation for each line would cost collections. */
const SMALL_BYTES = 1024;
const SLAB_BYTES = 8 * 1024;
/** No UTF-16 unit takes more in UTF-8. */
const UTF8_BYTES_PER_UNIT_MAX = 3;

/** A growing buffer that encoders fill and copy out of, so that a block costs one allocation of its exact size. */
export class ByteScratch {
  #bytes: Buffer;
  #length = 0;
  /** What is left of the slab. It is this scratch's own, so that what shares it was made, and goes, together. */
  #slab = Buffer.alloc(0);

  constructor(bytes = START_BYTES) {
    this.#bytes = Buffer.allocUnsafeSlow(bytes);
  }

  get length(): number {
    return this.#length;
  }

  /** Leaves `gap` bytes, then writes the text behind them; returns how many bytes the text took. */
  write(text: string, gap = 0): number {
    this.#reserve(gap + text.length * UTF8_BYTES_PER_UNIT_MAX);
    const written = this.#bytes.write(text, this.#length + gap, 'utf8');
    this.#length += gap + written;
    return written;
  }

  /** Writes a text that is known to be ASCII: several times as fast as `write`. */
  writeAscii(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  /** The bytes so far, to patch; good until the next write. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Moves the last `count` bytes by `shift`. */
  moveLast(count: number, shift: number): void {
    if (shift === 0) return;
    this.#reserve(shift);
    this.#bytes.copyWithin(this.#length - count + shift, this.#length - count, this.#length);
    this.#length += shift;
  }

  /** A copy of what was written; the scratch is empty again. */
  take(): Buffer {
    const taken = this.#length < SMALL_BYTES ? this.#fromSlab(this.#length) : Buffer.allocUnsafeSlow(this.#length);
    this.#bytes.copy(taken, 0, 0, this.#length);
    this.#length = 0;
    if (this.#bytes.length > KEPT_BYTES_MAX) this.#bytes = Buffer.allocUnsafeSlow(START_BYTES);
    return taken;
  }

  #fromSlab(count: number): Buffer {
    if (this.#slab.length < count) this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    const taken = this.#slab.subarray(0, count);
    this.#slab = this.#slab.subarray(count);
    return taken;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + more));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
