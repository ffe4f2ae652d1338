import { isAscii } from 'node:buffer';
import type { LineTexts } from './line-batch';

/**
 * Bytes of text that are strings at a time. Text that stays on the heap is copied twice by the collector before it is old: measured, while
 * cached chunks were strings, paging through a run stopped the server for some 8 ms at every seventh page.
 */
const STRETCH_BYTES = 16 * 1024;

/** About what so much text takes on the heap once a line of it was asked for; a long line takes more. */
export function stringBytes(textBytes: number): number {
  return Math.min(textBytes, STRETCH_BYTES);
}

/** Neighbouring lines as strings. */
interface Piece {
  first: number;
  lines: readonly string[];
}

/** The texts of stored lines. They stay UTF-8 bytes outside the heap until a line is asked for; its neighbours are then at hand too. */
export class StoredTexts implements LineTexts, Iterable<string> {
  readonly #body: Buffer;
  /** Where each line begins in the body, and where the last one ends. */
  readonly #starts: Uint32Array;
  #piece: Piece = { first: 0, lines: [] };

  private constructor(body: Buffer, starts: Uint32Array) {
    this.#body = body;
    this.#starts = starts;
  }

  /** Lines of these lengths in bytes, end to end. Throws where the body is not just as long. */
  static of(body: Buffer, lengths: Uint32Array): StoredTexts {
    const starts = new Uint32Array(lengths.length + 1);
    let end = 0;
    for (let index = 0; index < lengths.length; index++) {
      end += lengths[index] ?? 0;
      starts[index + 1] = end;
    }
    if (end !== body.length) throw new Error(`the chunk has ${body.length} bytes of text, and its lines ${end}`);
    // A small body may lie in memory that Node shares out, which it would keep as a whole.
    return new StoredTexts(body.buffer.byteLength > 2 * body.length ? copyOf(body) : body, starts);
  }

  /** One after the other, in memory of their own. */
  static join(parts: readonly StoredTexts[]): StoredTexts {
    const lengths = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts)
      for (let index = 0; index < part.length; index++) lengths[at++] = part.#start(index + 1) - part.#start(index);
    return StoredTexts.of(Buffer.concat(parts.map((part) => part.#bytes(0, part.length))), lengths);
  }

  get length(): number {
    return this.#starts.length - 1;
  }

  at(index: number): string | undefined {
    if (index < 0 || index >= this.length) return undefined;
    const { first, lines } = this.#piece;
    if (index < first || index >= first + lines.length) this.#piece = this.#pieceAt(index);
    return this.#piece.lines[index - this.#piece.first];
  }

  /** Those from `from` to `to` (exclusive). Few of many are a copy: a line must not keep the memory of its whole chunk. */
  slice(from: number, to: number): StoredTexts {
    const first = Math.min(from, this.length);
    const starts = this.#starts.slice(first, Math.max(first, to) + 1);
    const bytes = this.#bytes(first, first + starts.length - 1);
    if (2 * bytes.length >= this.#body.length) return new StoredTexts(this.#body, starts);
    const [offset = 0] = starts;
    return new StoredTexts(
      copyOf(bytes),
      starts.map((start) => start - offset),
    );
  }

  *[Symbol.iterator](): Generator<string> {
    for (let index = 0; index < this.length; index++) yield this.at(index) ?? '';
  }

  #start(index: number): number {
    return this.#starts[index] ?? 0;
  }

  #bytes(from: number, to: number): Buffer {
    return this.#body.subarray(this.#start(from), this.#start(to));
  }

  /** The lines that begin in the same stretch of the body: the same piece in whichever order they are read. */
  #pieceAt(index: number): Piece {
    const stretch = Math.floor(this.#start(index) / STRETCH_BYTES) * STRETCH_BYTES;
    let first = index;
    while (first > 0 && this.#start(first - 1) >= stretch) first -= 1;
    let last = index;
    while (last + 1 < this.length && this.#start(last + 1) < stretch + STRETCH_BYTES) last += 1;
    const bytes = this.#bytes(first, last + 1);
    const text = isAscii(bytes) ? bytes.toString('latin1') : undefined;
    const lines: string[] = [];
    const offset = this.#start(first);
    for (let line = first; line <= last; line++) {
      const [start, end] = [this.#start(line) - offset, this.#start(line + 1) - offset];
      lines.push(text === undefined ? bytes.toString('utf8', start, end) : text.slice(start, end));
    }
    return { first, lines };
  }
}

/** In memory of its own. */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
