/** A number below 2^53. */
const VARINT_BYTES_MAX = 8;
/** No UTF-16 unit takes more in UTF-8. */
const UTF8_BYTES_PER_UNIT_MAX = 3;
const JOINED_TEXTS = 64;
const JOINED_UNITS = 8192;
/** What a buffer of ASCII texts needs beyond their length, so that it never grows. */
export const TEXTS_SLACK_BYTES = 64 * 1024;

/** Small numbers of either sign as small ones without. Exact to ±2^52. */
export function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2;
}

/** Growing buffer of varints (LEB128, exact to 2^53) and texts. */
export class ByteWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(sizeBytes: number) {
    this.#buffer = Buffer.allocUnsafe(sizeBytes);
  }

  varint(value: number): void {
    this.#reserve(VARINT_BYTES_MAX);
    let rest = value;
    while (rest > 0x7fff_ffff) {
      this.#buffer[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.#buffer[this.#length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#buffer[this.#length++] = rest;
  }

  /** Many varints, one after the other. */
  varints(values: Float64Array): void {
    this.#reserve(values.length * VARINT_BYTES_MAX);
    const buffer = this.#buffer;
    let at = this.#length;
    for (let index = 0; index < values.length; index++) {
      let rest = values[index] ?? 0;
      while (rest > 0x7fff_ffff) {
        buffer[at++] = (rest % 128) | 128;
        rest = Math.floor(rest / 128);
      }
      while (rest > 127) {
        buffer[at++] = (rest & 127) | 128;
        rest >>>= 7;
      }
      buffer[at++] = rest;
    }
    this.#length = at;
  }

  /** UTF-8 with its length before it. */
  text(text: string): void {
    const length = Buffer.byteLength(text, 'utf8');
    this.varint(length);
    this.#reserve(length);
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  /**
   * Texts end to end as UTF-8, without their lengths. They are joined a few at a time: a string of all of them would be as large as the
   * buffer, and strings of that size cost several times what copying them does.
   */
  texts(texts: readonly string[]): void {
    for (let from = 0; from < texts.length; ) {
      let units = 0;
      let to = from;
      do units += texts[to++]?.length ?? 0;
      while (to < texts.length && units < JOINED_UNITS && to - from < JOINED_TEXTS);
      const joined = to - from === 1 ? (texts[from] ?? '') : texts.slice(from, to).join('');
      this.#reserve(units * UTF8_BYTES_PER_UNIT_MAX);
      this.#length += this.#buffer.write(joined, this.#length, 'utf8');
      from = to;
    }
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + more));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

/** Reads what ByteWriter wrote; running past the end throws a RangeError. */
export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  hasMore(): boolean {
    return this.#at < this.#buffer.length;
  }

  varint(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.#buffer[this.#at++];
      if (byte === undefined) throw new RangeError('the chunk ends early');
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  text(): string {
    const length = this.varint();
    if (this.#at + length > this.#buffer.length) throw new RangeError('the chunk ends early');
    this.#at += length;
    return this.#buffer.toString('utf8', this.#at - length, this.#at);
  }
}
