import type { LineBatch } from '@/lib/store/line-batch';
import type { JournalEntry } from '@/lib/store/store';

/** Lines are encoded in blocks, so that a slow reader pins no more than one block beside its unsent bytes. */
const BLOCK_LINES = 512;
const BLOCK_TEXT_BYTES = 64 * 1024;

/** Lines of a batch to encode; `to` is exclusive. On the global stream `entry` is the batch's place in the journal. */
export interface LineSpan {
  batch: LineBatch;
  from: number;
  to: number;
  entry: JournalEntry | undefined;
}

/** Bytes of lines one behind the other: line i of the span lies from `offsets[i]` to `offsets[i + 1]`. */
interface EncodedLines<D> {
  data: D;
  offsets: ArrayLike<number>;
}

/** Room for the offsets of so many lines. A block of one line, as most are where lines come singly, has them in the smallest form. */
export function offsetsFor(lines: number): Offsets {
  return lines === 1 ? [0, 0] : new Uint32Array(lines + 1);
}

export type Offsets = Uint32Array | number[];

/** How a transport writes lines. */
export interface LineFormat<D> {
  encode(span: LineSpan): EncodedLines<D>;
  slice(data: D, start: number, end: number): D;
}

export interface EncodedBlock<D> extends EncodedLines<D> {
  from: number;
  to: number;
}

/** Encodes each block of a batch once, for all readers of one format. On the global stream a batch is exactly its entry's lines. */
export class LineEncoder<D extends Buffer | string> {
  readonly #format: LineFormat<D>;
  readonly #onGrow: (batch: LineBatch, bytes: number) => void;
  /**
   * The blocks that were built. `onGrow` hears of each, and sees to it that they are forgotten in time: a weak map of all single lines
   * would cost every garbage collection.
   */
  readonly #byBatch = new Map<LineBatch, Array<EncodedBlock<D> | undefined>>();
  /** Where the blocks of a batch of several lines begin, and its count at the end. */
  readonly #starts = new WeakMap<LineBatch, readonly number[]>();

  constructor(format: LineFormat<D>, onGrow: (batch: LineBatch, bytes: number) => void) {
    this.#format = format;
    this.#onGrow = onGrow;
  }

  /** The block with line `index` of the batch. */
  block(batch: LineBatch, index: number, entry: JournalEntry | undefined): EncodedBlock<D> {
    const starts = this.#startsOf(batch);
    const at = blockIndex(starts, index);
    const built = this.#byBatch.get(batch)?.[at];
    if (built) return built;
    const from = starts[at] ?? 0;
    const to = starts[at + 1] ?? batch.count;
    const block = { from, to, ...this.#format.encode({ batch, from, to, entry }) };
    const blocks = this.#byBatch.get(batch) ?? [];
    blocks[at] = block;
    this.#byBatch.set(batch, blocks);
    this.#onGrow(batch, block.data.length + 8 * (to - from + 1));
    return block;
  }

  /** Some lines: a part of their block where that was built already or most of it is wanted, else encoded for this one reader. */
  lines(span: LineSpan): EncodedBlock<D> {
    const starts = this.#startsOf(span.batch);
    const at = blockIndex(starts, span.from);
    const from = starts[at] ?? 0;
    const end = starts[at + 1] ?? span.batch.count;
    const to = Math.min(span.to, end);
    if (this.#byBatch.get(span.batch)?.[at] || (to - span.from) * 2 >= end - from)
      return this.block(span.batch, span.from, span.entry);
    return { from: span.from, to, ...this.#format.encode({ ...span, to }) };
  }

  slice(block: EncodedBlock<D>, from: number, to: number): D {
    if (from === block.from && to === block.to) return block.data;
    return this.#format.slice(block.data, offsetOf(block, from), offsetOf(block, to));
  }

  /** How many lines of the block from `from` on, and before `to`, fit into `room` bytes. */
  fitting(block: EncodedBlock<D>, from: number, to: number, room: number): number {
    const limit = offsetOf(block, from) + room;
    if (offsetOf(block, to) <= limit) return to - from;
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (offsetOf(block, middle) <= limit) low = middle;
      else high = middle - 1;
    }
    return low - from;
  }

  forget(batch: LineBatch): void {
    this.#byBatch.delete(batch);
  }

  #startsOf(batch: LineBatch): readonly number[] {
    if (batch.count === 1) return ONE_LINE;
    let starts = this.#starts.get(batch);
    if (!starts) {
      starts = blockStarts(batch);
      this.#starts.set(batch, starts);
    }
    return starts;
  }
}

function offsetOf(block: EncodedBlock<unknown>, index: number): number {
  return block.offsets[index - block.from] ?? 0;
}

/** The starts of a batch of one line. */
const ONE_LINE: readonly number[] = [0, 1];

function blockIndex(starts: readonly number[], index: number): number {
  let low = 0;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

function blockStarts(batch: LineBatch): number[] {
  const starts = [0];
  let textBytes = 0;
  let start = 0;
  for (let index = 0; index < batch.count; index++) {
    const length = batch.message(index).length + (batch.attributesJson(index)?.length ?? 0);
    if (index > start && (index - start >= BLOCK_LINES || textBytes + length > BLOCK_TEXT_BYTES)) {
      starts.push(index);
      start = index;
      textBytes = 0;
    }
    textBytes += length;
  }
  starts.push(batch.count);
  return starts;
}
