import type { EncodedBlock, LineEncoder } from '@/lib/feed/line-encoder';
import type { LineMatcher, LinePredicate } from '@/lib/feed/line-matcher';
import type { LineBatch } from '@/lib/store/line-batch';
import type { Step } from './log-reader';

type LinesStep = Extract<Step, { kind: 'lines' }>;

export interface Picked {
  /** Lines that the cursor moves past: picked and skipped ones. */
  passed: number;
  /** Lines skipped behind the last one picked, or all of them where none was. */
  skipped: number;
  /** The next matching line does not fit. */
  isFull: boolean;
}

/** Gathers the encoded bytes of lines that a filter lets through, for one write. */
export class LinePicker<D extends Buffer | string> {
  readonly #encoder: LineEncoder<D>;
  readonly #matcher: LineMatcher | undefined;
  #chunks: D[] = [];
  #bytes = 0;
  #matched: { batch: LineBatch; predicate: LinePredicate | undefined } | undefined;

  constructor(encoder: LineEncoder<D>, matcher: LineMatcher | undefined) {
    this.#encoder = encoder;
    this.#matcher = matcher;
  }

  /** What was gathered, in bytes of `data.length`. */
  get bytes(): number {
    return this.#bytes;
  }

  take(): D[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#bytes = 0;
    return chunks;
  }

  /**
   * Takes matching lines of the step while they fit into `room`, and looks at `budget` lines at most. `mayOverflow`: a first line that is
   * larger than the room is taken all the same.
   */
  pick(step: LinesStep, room: number, mayOverflow: boolean, budget: number): Picked {
    const predicate = this.#matcher && this.#predicateOf(this.#matcher, step.batch);
    const to = Math.min(step.to, step.from + budget);
    if (!this.#matcher) {
      const end = this.#add(step, step.from, to, room, mayOverflow);
      return { passed: end - step.from, skipped: 0, isFull: end < to };
    }
    if (!predicate) return { passed: to - step.from, skipped: to - step.from, isFull: false };
    let index = step.from;
    let skipped = 0;
    while (index < to) {
      let end = index;
      while (end < to && predicate(end)) end++;
      if (end > index) {
        const added = this.#add(step, index, end, room, mayOverflow && this.#bytes === 0);
        if (added > index) skipped = 0;
        index = added;
        if (added < end) return { passed: index - step.from, skipped, isFull: true };
      }
      // The line at `end` does not match.
      if (index < to) {
        index += 1;
        skipped += 1;
      }
    }
    return { passed: index - step.from, skipped, isFull: false };
  }

  /** Adds lines from `from` to `to` as far as they fit; returns the first one that was not added. */
  #add(step: LinesStep, from: number, to: number, room: number, mayOverflow: boolean): number {
    let index = from;
    while (index < to) {
      const block = this.#blockOf(step, index, to);
      const end = Math.min(to, block.to);
      let count = this.#encoder.fitting(block, index, end, room - this.#bytes);
      if (count === 0 && mayOverflow && this.#bytes === 0) count = 1;
      if (count > 0) this.#push(this.#encoder.slice(block, index, index + count));
      index += count;
      if (index < end) return index;
    }
    return index;
  }

  #blockOf(step: LinesStep, from: number, to: number): EncodedBlock<D> {
    const { batch, entry } = step;
    return this.#matcher ? this.#encoder.lines({ batch, from, to, entry }) : this.#encoder.block(batch, from, entry);
  }

  #push(chunk: D): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  #predicateOf(matcher: LineMatcher, batch: LineBatch): LinePredicate | undefined {
    if (this.#matched?.batch !== batch) this.#matched = { batch, predicate: matcher.ofBatch(batch) };
    return this.#matched.predicate;
  }
}
