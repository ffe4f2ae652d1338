import type { LogMessage } from '@/lib/protocol/log-message';
import { mergeRanges } from '@/lib/protocol/text-matcher';
import type { TextQuery } from '@/lib/protocol/text-query';
import type { Mark } from './marked-spans';

/** Gives the parts of a message that are shown in a colour of their own together with its matches, disjoint and ascending. */
export type Highlight = (message: string, matches: readonly Mark[]) => readonly Mark[];

/** Of one query or highlighted term in one line; nobody counts more by eye. */
export const MARKS_MAX = 1000;

/** What is marked in lines. Each line is asked once: what was found is kept as long as the line. */
export class LineMarks {
  readonly #queries: readonly TextQuery[];
  readonly #highlight: Highlight | undefined;
  readonly #known = new WeakMap<LogMessage, readonly Mark[]>();

  constructor(queries: ReadonlyArray<TextQuery | undefined>, highlight?: Highlight) {
    this.#queries = queries.filter((query) => query !== undefined);
    this.#highlight = highlight;
  }

  /** Disjoint, ascending, in UTF-16 units of the ANSI-stripped message; undefined where nothing could be. */
  of(line: LogMessage): readonly Mark[] | undefined {
    if (this.#queries.length === 0 && !this.#highlight) return undefined;
    const known = this.#known.get(line);
    if (known) return known;
    const found = this.#queries.flatMap((query) => query.ranges(line.message).slice(0, MARKS_MAX));
    const matches = mergeRanges(found);
    const marks = this.#highlight?.(line.message, matches) ?? matches;
    this.#known.set(line, marks);
    return marks;
  }
}
