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

interface BatchBlocks<D> {
  /** Where each block begins, and the batch's count at the end. */
  starts: number[];
  blocks: Array<EncodedBlock<D> | undefined>;
}

/** Encodes each block of a batch once, for all readers of one format. On the global stream a batch is exactly its entry's lines. */
export class LineEncoder<D extends Buffer | string> {
  readonly #format: LineFormat<D>;
  readonly #onGrow: (batch: LineBatch, bytes: number) => void;
  /** Each is counted by `onGrow`, and so forgotten in time. A weak map of so many would cost every garbage collection. */
  readonly #byBatch = new Map<LineBatch, BatchBlocks<D>>();

  constructor(format: LineFormat<D>, onGrow: (batch: LineBatch, bytes: number) => void) {
    this.#format = format;
    this.#onGrow = onGrow;
  }

  /** The block with line `index` of the batch. */
  block(batch: LineBatch, index: number, entry: JournalEntry | undefined): EncodedBlock<D> {
    const { starts, blocks } = this.#blocksOf(batch);
    const at = blockIndex(starts, index);
    const built = blocks[at];
    if (built) return built;
    const from = starts[at] ?? 0;
    const to = starts[at + 1] ?? batch.count;
    const block = { from, to, ...this.#format.encode({ batch, from, to, entry }) };
    blocks[at] = block;
    this.#onGrow(batch, block.data.length + 8 * (to - from + 1));
    return block;
  }

  /** Some lines: a part of their block where that was built already or most of it is wanted, else encoded for this one reader. */
  lines(span: LineSpan): EncodedBlock<D> {
    const { starts, blocks } = this.#blocksOf(span.batch);
    const at = blockIndex(starts, span.from);
    const from = starts[at] ?? 0;
    const end = starts[at + 1] ?? span.batch.count;
    const to = Math.min(span.to, end);
    if (blocks[at] || (to - span.from) * 2 >= end - from) return this.block(span.batch, span.from, span.entry);
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

  #blocksOf(batch: LineBatch): BatchBlocks<D> {
    let found = this.#byBatch.get(batch);
    if (!found) {
      found = { starts: blockStarts(batch), blocks: [] };
      this.#byBatch.set(batch, found);
      this.#onGrow(batch, 8 * found.starts.length);
    }
    return found;
  }
}

function offsetOf(block: EncodedBlock<unknown>, index: number): number {
  return block.offsets[index - block.from] ?? 0;
}

function blockIndex(starts: number[], index: number): number {
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
  if (batch.count > 1) {
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
  }
  starts.push(batch.count);
  return starts;
}
