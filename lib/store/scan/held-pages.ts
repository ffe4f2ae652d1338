import { isUnfiltered, matchesLine } from '@/lib/protocol/filter-match';
import { PageRoom } from '@/lib/protocol/page-room';
import { type Line, numberOf } from '@/lib/store/filtered-lines';
import type { LineBatch } from '@/lib/store/line-batch';
import type { LinePage, LogStore, PageQuery, RunHead } from '@/lib/store/store';

/** A batch, and which of its lines are meant. */
export interface HeldLines {
  batch: LineBatch;
  from: number;
  to: number;
}

/** Pages of lines that are in memory, for what else reads them from the store. What is outside them is as if it were not there. */
export class HeldPages implements Pick<LogStore, 'readPage'> {
  readonly #held: readonly HeldLines[];
  readonly #head: RunHead;
  readonly #isCancelled: () => boolean;

  /** `held`: consecutive lines, ascending. Once it is cancelled, a page is empty and the last one. */
  constructor(held: readonly HeldLines[], head: RunHead, isCancelled: () => boolean) {
    this.#held = held;
    this.#head = head;
    this.#isCancelled = isCancelled;
  }

  /** Pages begin after a line. Behind the last line that is held there is none, so a page with that one is the last. */
  async readPage({ start, limit, filter }: PageQuery): Promise<LinePage> {
    if (start.kind !== 'after') throw new TypeError(`lines that are held have no page of kind ${start.kind}`);
    const page = new PageRoom<Line>(limit);
    const takesAll = isUnfiltered(filter);
    for (const { batch, from, to } of this.#held) {
      for (let index = Math.max(from, start.line + 1 - batch.firstLine); index < to; index++) {
        if (this.#isCancelled()) return this.#toPage([], this.#head.lastLine);
        const line = { batch, index };
        if (!takesAll && !matchesLine(filter, batch.facet(index), batch.timeUs(index), batch.message(index))) continue;
        if (!page.add(line)) return this.#toPage(page.lines, numberOf(line) - 1);
        if (page.isFull) return this.#toPage(page.lines, numberOf(line));
      }
    }
    return this.#toPage(page.lines, this.#head.lastLine);
  }

  #toPage(lines: Line[], lastSeen: number): LinePage {
    return { lines, total: null, offset: null, lastSeen, head: this.#head };
  }
}
