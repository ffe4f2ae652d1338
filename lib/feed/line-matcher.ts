import type { LineFilter } from '@/lib/protocol/filter';
import { isUnfiltered, matchesFacet, matchesTime } from '@/lib/protocol/filter-match';
import type { Stream } from '@/lib/protocol/log-message';
import type { LineBatch, TaskRef } from '@/lib/store/line-batch';

/** True for a line of the batch that a filter lets through. */
export type LinePredicate = (index: number) => boolean;

/** A filter as a stream applies it: sets once per facet of a batch, then time, then text. */
export class LineMatcher {
  readonly filter: LineFilter;
  readonly #sourceFilter: LineFilter;

  constructor(filter: LineFilter) {
    const { levels: _levels, ...sourceFilter } = filter;
    this.filter = filter;
    this.#sourceFilter = sourceFilter;
  }

  /** The predicate for one batch; undefined where no line of it can match. */
  ofBatch(batch: LineBatch): LinePredicate | undefined {
    const { filter } = this;
    const facets = batch.columns.facets.map((facet) => matchesFacet(filter, facet));
    if (!facets.includes(true)) return undefined;
    return (index) =>
      facets[batch.facetIndex(index)] === true &&
      matchesTime(filter, batch.timeUs(index)) &&
      (filter.text === undefined || filter.text.matches(batch.message(index)));
  }

  /** True for an unfinished line of that output. Its level and whole text are not known yet: a filter on them admits none. */
  admitsPartial(task: TaskRef | undefined, stream: Stream): boolean {
    const { text, levels } = this.filter;
    return !text && !levels && matchesFacet(this.#sourceFilter, { task, stream, level: 'info' });
  }
}

/** The matcher of a filter, or undefined where it lets every line through. */
export function compileFilter(filter: LineFilter): LineMatcher | undefined {
  return isUnfiltered(filter) ? undefined : new LineMatcher(filter);
}
