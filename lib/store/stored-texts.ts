import { isAscii } from 'node:buffer';
import type { LineTexts } from './line-batch';

/**
 * Bytes that become one string at a time. Text that stays on the heap is copied twice by the collector before it is old: measured, while
 * cached chunks were strings, paging through a run stopped the server for some 8 ms at every seventh page.
 */
const PIECE_BYTES = 16 * 1024;

interface Piece {
  start: number;
  end: number;
  /** Undefined where it is not ASCII, so that places in it are not those of its bytes. */
  text: string | undefined;
}

/** The texts of stored lines. They stay UTF-8 bytes outside the heap until a line is asked for; neighbours are then at hand. */
export class StoredTexts implements LineTexts, Iterable<string> {
  readonly #body: Buffer;
  /** Where each line begins in the body, and where the last one ends. */
  readonly #starts: Uint32Array;
  #piece: Piece | undefined;

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
    return new StoredTexts(body, starts);
  }

  /** One after the other, in memory of their own. */
  static join(parts: readonly StoredTexts[]): StoredTexts {
    const body = Buffer.concat(parts.map((part) => part.#body.subarray(part.#start(0), part.#start(part.length))));
    const lengths = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts)
      for (let index = 0; index < part.length; index++) lengths[at++] = part.#start(index + 1) - part.#start(index);
    return StoredTexts.of(body, lengths);
  }

  get length(): number {
    return this.#starts.length - 1;
  }

  at(index: number): string | undefined {
    if (index < 0 || index >= this.length) return undefined;
    const start = this.#start(index);
    const end = this.#start(index + 1);
    let piece = this.#piece;
    if (piece === undefined || start < piece.start || end > piece.end) {
      piece = this.#pieceAt(index);
      this.#piece = piece;
    }
    return piece.text === undefined
      ? this.#body.toString('utf8', start, end)
      : piece.text.slice(start - piece.start, end - piece.start);
  }

  slice(from: number, to: number): StoredTexts {
    const first = Math.min(from, this.length);
    return new StoredTexts(this.#body, this.#starts.subarray(first, Math.max(first, to) + 1));
  }

  *[Symbol.iterator](): Generator<string> {
    for (let index = 0; index < this.length; index++) yield this.at(index) ?? '';
  }

  #start(index: number): number {
    return this.#starts[index] ?? 0;
  }

  /** The lines that begin in the same stretch of the body: the same piece in whichever order they are read. */
  #pieceAt(index: number): Piece {
    const stretch = Math.floor(this.#start(index) / PIECE_BYTES) * PIECE_BYTES;
    let first = index;
    while (first > 0 && this.#start(first - 1) >= stretch) first -= 1;
    let last = index;
    while (last + 1 < this.length && this.#start(last + 1) < stretch + PIECE_BYTES) last += 1;
    const [start, end] = [this.#start(first), this.#start(last + 1)];
    const bytes = this.#body.subarray(start, end);
    return { start, end, text: isAscii(bytes) ? bytes.toString('latin1') : undefined };
  }
}
