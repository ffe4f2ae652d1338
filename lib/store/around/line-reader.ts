import { PAGE_LINES_SURE } from '@/lib/protocol/limits';
import { type Line, numberOf } from '@/lib/store/filtered-lines';
import type { LinePage, LogStore, RunRef } from '@/lib/store/store';

/** Lines read on each side of one that is not at hand. */
const READ_LINES = 200;

/** Single lines of a run by number, mostly from the batches that a page brought; others are read some hundreds at a time. */
export class LineReader {
  readonly #store: Pick<LogStore, 'readPage'>;
  readonly #run: RunRef;
  readonly #page: LinePage;
  #batch: Line['batch'] | undefined;
  /** Consecutive lines that were read. */
  #read: Line[] = [];

  constructor(store: Pick<LogStore, 'readPage'>, run: RunRef, page: LinePage) {
    this.#store = store;
    this.#run = run;
    this.#page = page;
  }

  /** Undefined where the run does not have the line. */
  async at(number: number): Promise<Line | undefined> {
    const { firstLine, lastLine } = this.#page.head;
    if (number < firstLine || number > lastLine) return undefined;
    const held = this.#held(number);
    if (held) return held;
    // A page of long lines may end before the one asked for, where it does not begin close to it.
    for (const before of [READ_LINES, PAGE_LINES_SURE]) {
      const start = { kind: 'after', line: Math.max(firstLine - 1, number - before) } as const;
      const { lines } = await this.#store.readPage({ run: this.#run, start, limit: 2 * READ_LINES, filter: {} });
      this.#read = lines;
      const line = this.#fromRead(number);
      if (line) return line;
    }
    return undefined;
  }

  #held(number: number): Line | undefined {
    if (holds(this.#batch, number)) return { batch: this.#batch, index: number - this.#batch.firstLine };
    const read = this.#fromRead(number);
    if (read) return read;
    const batch = this.#page.lines.find((line) => holds(line.batch, number))?.batch;
    if (!batch) return undefined;
    this.#batch = batch;
    return { batch, index: number - batch.firstLine };
  }

  #fromRead(number: number): Line | undefined {
    const [first] = this.#read;
    return first && this.#read[number - numberOf(first)];
  }
}

function holds(batch: Line['batch'] | undefined, number: number): batch is Line['batch'] {
  return batch !== undefined && number >= batch.firstLine && number <= batch.lastLine;
}
