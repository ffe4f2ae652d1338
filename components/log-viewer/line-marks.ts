import type { LogMessage } from '@/lib/protocol/log-message';
import { mergeRanges, type TextRange } from '@/lib/protocol/text-matcher';
import type { TextQuery } from '@/lib/protocol/text-query';

/** Where queries match in lines. Each line is asked once: what was found is kept as long as the line. */
export class LineMarks {
  readonly #queries: readonly TextQuery[];
  readonly #known = new WeakMap<LogMessage, readonly TextRange[]>();

  constructor(queries: ReadonlyArray<TextQuery | undefined>) {
    this.#queries = queries.filter((query) => query !== undefined);
  }

  /** Disjoint [start, end), ascending, in UTF-16 units of the ANSI-stripped message. */
  of(line: LogMessage): readonly TextRange[] | undefined {
    if (this.#queries.length === 0) return undefined;
    const known = this.#known.get(line);
    if (known) return known;
    const ranges = mergeRanges(this.#queries.flatMap((query) => query.ranges(line.message)));
    this.#known.set(line, ranges);
    return ranges;
  }
}
