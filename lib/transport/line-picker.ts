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
  /** The time for matching was over. */
  isLate: boolean;
}

/** What is known of a batch: the lines from `from` to `to` (exclusive) match. */
interface Matched {
  batch: LineBatch;
  predicate: LinePredicate | undefined;
  from: number;
  to: number;
}

/** Gathers the encoded bytes of lines that a filter lets through, for one write. */
export class LinePicker<D extends Buffer | string> {
  readonly #encoder: LineEncoder<D>;
  readonly #matcher: LineMatcher | undefined;
  #chunks: D[] = [];
  #bytes = 0;
  #matched: Matched | undefined;

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
   * larger than the room is taken all the same. `isLate` is asked after each line that is looked at; true ends it there.
   */
  pick(step: LinesStep, room: number, mayOverflow: boolean, budget: number, isLate: () => boolean): Picked {
    const to = Math.min(step.to, step.from + budget);
    if (!this.#matcher) {
      const end = this.#add(step, step.from, to, room, mayOverflow);
      return { passed: end - step.from, skipped: 0, isFull: end < to, isLate: false };
    }
    const matched = this.#matchedOf(this.#matcher, step.batch);
    if (!matched.predicate) {
      const passed = to - step.from;
      return { passed, skipped: passed, isFull: false, isLate: false };
    }
    let index = step.from;
    let skipped = 0;
    let late = false;
    while (index < to && !late) {
      const known = matched.from <= index && index < matched.to ? matched.to : index;
      let end = Math.min(known, to);
      let isMatch = true;
      while (isMatch && end < to && !late) {
        isMatch = matched.predicate(end);
        if (isMatch) end += 1;
        late = isLate();
      }
      if (end > index) {
        // Those that do not fit now are not matched again.
        matched.from = index;
        matched.to = Math.max(known, end);
        const added = this.#add(step, index, end, room, mayOverflow && this.#bytes === 0);
        if (added > index) skipped = 0;
        index = added;
        if (added < end) return { passed: index - step.from, skipped, isFull: true, isLate: late };
      }
      // The line at `end`.
      if (!isMatch) {
        index += 1;
        skipped += 1;
      }
    }
    return { passed: index - step.from, skipped, isFull: false, isLate: late };
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

  #matchedOf(matcher: LineMatcher, batch: LineBatch): Matched {
    if (this.#matched?.batch !== batch) this.#matched = { batch, predicate: matcher.ofBatch(batch), from: 0, to: 0 };
    return this.#matched;
  }
}
