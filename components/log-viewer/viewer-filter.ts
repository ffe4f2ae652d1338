import type { FilterParameters } from '@/lib/protocol/filter';
import type { Level, LogMessage, Stream } from '@/lib/protocol/log-message';
import type { PartialEvent } from '@/lib/protocol/stream-events';
import type { TextQuery } from '@/lib/protocol/text-query';
import { parseTimestamp } from '@/lib/protocol/timestamp';

/** What a viewer shows. Empty lists and absent times do not restrict. */
export interface ViewerFilter {
  levels: readonly Level[];
  streams: readonly Stream[];
  /** Ids of task runs. */
  tasks: readonly string[];
  /** Attempts of task runs, from 1. */
  attempts: readonly number[];
  /** RFC 3339, inclusive. */
  from?: string | undefined;
  /** RFC 3339, exclusive. */
  to?: string | undefined;
  /** A search in the grammar of `q`: words that must all occur, "two words", -word, /regex/, name:value. */
  text: string;
  /** `a` and `A` differ in `text`. */
  isCaseSensitive?: boolean | undefined;
}

export const NO_FILTER: ViewerFilter = { levels: [], streams: [], tasks: [], attempts: [], text: '' };

export function isFiltering(filter: ViewerFilter): boolean {
  const { levels, streams, tasks, attempts, from, to, text } = filter;
  const members = levels.length + streams.length + tasks.length + attempts.length;
  return members > 0 || from !== undefined || to !== undefined || text.trim() !== '';
}

/** The filter as the API takes it, so that it covers the whole run. */
export function serverFilter(filter: ViewerFilter): FilterParameters {
  const parameters: FilterParameters = setFilter(filter);
  if (filter.from !== undefined) parameters.from = filter.from;
  if (filter.to !== undefined) parameters.to = filter.to;
  if (filter.text.trim() !== '') {
    parameters.q = filter.text.trim();
    if (filter.isCaseSensitive) parameters.case = '1';
  }
  return parameters;
}

/** The sets of the filter alone, as the API takes them: what lines can be counted by without reading text. */
export function setFilter(filter: ViewerFilter): FilterParameters {
  const parameters: FilterParameters = {};
  if (filter.levels.length > 0) parameters.level = filter.levels.toSorted().join(',');
  if (filter.streams.length > 0) parameters.stream = filter.streams.toSorted().join(',');
  if (filter.tasks.length > 0) parameters.task_run_id = filter.tasks.toSorted().join(',');
  if (filter.attempts.length > 0) parameters.attempt = filter.attempts.toSorted((a, b) => a - b).join(',');
  return parameters;
}

/** What a LineMatcher knows besides the filter. */
export interface MatcherSources {
  /** Of a task run's id; undefined where it is not known here, and then the server alone decides. */
  attemptOf?: ((taskRunId: string) => number | undefined) | undefined;
}

/** Decides which lines pass. Each line is asked once: what was found is kept as long as the line. */
export class LineMatcher {
  readonly #filter: ViewerFilter;
  readonly #query: TextQuery | undefined;
  readonly #sources: MatcherSources;
  readonly #fromUs: number | undefined;
  readonly #toUs: number | undefined;
  readonly #known = new WeakMap<LogMessage, boolean>();

  /** `query` is the filter's text, compiled; without it text restricts nothing. */
  constructor(filter: ViewerFilter, query: TextQuery | undefined, sources: MatcherSources = {}) {
    this.#filter = filter;
    this.#query = query;
    this.#sources = sources;
    this.#fromUs = filter.from === undefined ? undefined : parseTimestamp(filter.from);
    this.#toUs = filter.to === undefined ? undefined : parseTimestamp(filter.to);
  }

  matches(line: LogMessage): boolean {
    const known = this.#known.get(line);
    if (known !== undefined) return known;
    const found = this.#decide(line);
    this.#known.set(line, found);
    return found;
  }

  /** Whether a line that is not ended would pass as it is now; its level is not known before its end. */
  matchesPartial(partial: PartialEvent): boolean {
    if (this.#filter.levels.length > 0) return false;
    return this.#decide({ ...partial, id: 0, level: 'info', timestamp: partial.at });
  }

  #decide(line: LogMessage): boolean {
    const { levels, streams, tasks } = this.#filter;
    if (levels.length > 0 && !levels.includes(line.level)) return false;
    if (streams.length > 0 && !streams.includes(line.stream)) return false;
    if (tasks.length > 0 && (line.task_run_id === undefined || !tasks.includes(line.task_run_id))) return false;
    if (!this.#hasAttempt(line) || !this.#isInTime(line)) return false;
    return this.#query === undefined || this.#query.matches(line.message);
  }

  #hasAttempt({ task_run_id }: LogMessage): boolean {
    const { attempts } = this.#filter;
    if (attempts.length === 0) return true;
    if (task_run_id === undefined) return false;
    const attempt = this.#sources.attemptOf?.(task_run_id);
    return attempt === undefined || attempts.includes(attempt);
  }

  #isInTime({ timestamp }: LogMessage): boolean {
    if (this.#fromUs === undefined && this.#toUs === undefined) return true;
    const us = parseTimestamp(timestamp) ?? 0;
    return (this.#fromUs === undefined || us >= this.#fromUs) && (this.#toUs === undefined || us < this.#toUs);
  }
}
