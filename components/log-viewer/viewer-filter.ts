import type { FilterParameters } from '@/lib/protocol/filter';
import type { Level, LogMessage, Stream } from '@/lib/protocol/log-message';
import type { TextQuery } from '@/lib/protocol/text-query';

/** What a viewer shows. Empty lists do not restrict. */
export interface ViewerFilter {
  levels: readonly Level[];
  streams: readonly Stream[];
  /** Ids of task runs. */
  tasks: readonly string[];
  /** A search in the grammar of `q`: words that must all occur, "two words", -word, /regex/, name:value. */
  text: string;
}

export const NO_FILTER: ViewerFilter = { levels: [], streams: [], tasks: [], text: '' };

export function isFiltering(filter: ViewerFilter): boolean {
  return filter.levels.length + filter.streams.length + filter.tasks.length > 0 || filter.text.trim() !== '';
}

/** The filter as the API takes it, so that it covers the whole run. */
export function serverFilter(filter: ViewerFilter): FilterParameters {
  const parameters: FilterParameters = {};
  if (filter.levels.length > 0) parameters.level = filter.levels.toSorted().join(',');
  if (filter.streams.length > 0) parameters.stream = filter.streams.toSorted().join(',');
  if (filter.tasks.length > 0) parameters.task_run_id = filter.tasks.toSorted().join(',');
  if (filter.text.trim() !== '') parameters.q = filter.text.trim();
  return parameters;
}

/** Decides which lines pass. Each line is asked once: what was found is kept as long as the line. */
export class LineMatcher {
  readonly #filter: ViewerFilter;
  readonly #query: TextQuery | undefined;
  readonly #known = new WeakMap<LogMessage, boolean>();

  /** `query` is the filter's text, compiled; without it text restricts nothing. */
  constructor(filter: ViewerFilter, query: TextQuery | undefined) {
    this.#filter = filter;
    this.#query = query;
  }

  matches(line: LogMessage): boolean {
    const known = this.#known.get(line);
    if (known !== undefined) return known;
    const found = this.#decide(line);
    this.#known.set(line, found);
    return found;
  }

  #decide(line: LogMessage): boolean {
    const { levels, streams, tasks } = this.#filter;
    if (levels.length > 0 && !levels.includes(line.level)) return false;
    if (streams.length > 0 && !streams.includes(line.stream)) return false;
    if (tasks.length > 0 && (line.task_run_id === undefined || !tasks.includes(line.task_run_id))) return false;
    return this.#query === undefined || this.#query.matches(line.message);
  }
}
