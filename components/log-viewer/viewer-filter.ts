import type { FilterParameters } from '@/lib/protocol/filter';
import type { Level, LogMessage, Stream } from '@/lib/protocol/log-message';
import { stripAnsi } from '@/lib/terminal/strip-ansi';

/** What a viewer shows. Empty lists do not restrict. */
export interface ViewerFilter {
  levels: readonly Level[];
  streams: readonly Stream[];
  /** Ids of task runs. */
  tasks: readonly string[];
  /** Words that must all occur, `"two words"` as one, `-word` excludes; case is ignored. */
  text: string;
}

export const NO_FILTER: ViewerFilter = { levels: [], streams: [], tasks: [], text: '' };

export function isFiltering(filter: ViewerFilter): boolean {
  return filter.levels.length + filter.streams.length + filter.tasks.length > 0 || filter.text.trim() !== '';
}

/** The part of the filter that the server applies, so that it covers the whole run; text is matched in what is held. */
export function serverFilter(filter: ViewerFilter): FilterParameters {
  const parameters: FilterParameters = {};
  if (filter.levels.length > 0) parameters.level = filter.levels.toSorted().join(',');
  if (filter.streams.length > 0) parameters.stream = filter.streams.toSorted().join(',');
  if (filter.tasks.length > 0) parameters.task_run_id = filter.tasks.toSorted().join(',');
  return parameters;
}

/** Equal for filters that the server treats alike. */
export function serverFilterKey(filter: ViewerFilter): string {
  return JSON.stringify(serverFilter(filter));
}

interface Terms {
  wanted: string[];
  excluded: string[];
}

const TERM = /(-?)(?:"([^"]*)"?|(\S+))/g;

function parseTerms(text: string): Terms {
  const terms: Terms = { wanted: [], excluded: [] };
  for (const [, minus, phrase, word] of text.toLowerCase().matchAll(TERM)) {
    const term = phrase ?? word ?? '';
    if (term === '') continue;
    (minus === '-' ? terms.excluded : terms.wanted).push(term);
  }
  return terms;
}

/**
 * Decides which lines pass and where they match. What it found of a line is kept as long as the line, so that asking
 * for all lines in every frame costs only the new ones.
 */
export class LineMatcher {
  readonly #filter: ViewerFilter;
  readonly #terms: Terms;
  readonly #known = new WeakMap<LogMessage, boolean>();
  readonly #marks = new WeakMap<LogMessage, Array<[number, number]>>();

  constructor(filter: ViewerFilter) {
    this.#filter = filter;
    this.#terms = parseTerms(filter.text);
  }

  matches(line: LogMessage): boolean {
    const known = this.#known.get(line);
    if (known !== undefined) return known;
    const found = this.#decide(line);
    this.#known.set(line, found);
    return found;
  }

  /** Disjoint [start, end) of the wanted words, ascending, in UTF-16 units of the ANSI-stripped message. */
  marks(line: LogMessage): ReadonlyArray<readonly [number, number]> | undefined {
    if (this.#terms.wanted.length === 0) return undefined;
    const known = this.#marks.get(line);
    if (known) return known;
    const marks = this.#findMarks(line.message);
    this.#marks.set(line, marks);
    return marks;
  }

  #findMarks(message: string): Array<[number, number]> {
    const text = foldCase(stripAnsi(message));
    const found: Array<[number, number]> = [];
    for (const term of this.#terms.wanted) {
      for (let at = text.indexOf(term); at !== -1; at = text.indexOf(term, at + term.length)) {
        found.push([at, at + term.length]);
      }
    }
    return joinRanges(found);
  }

  #decide(line: LogMessage): boolean {
    const { levels, streams, tasks } = this.#filter;
    if (levels.length > 0 && !levels.includes(line.level)) return false;
    if (streams.length > 0 && !streams.includes(line.stream)) return false;
    if (tasks.length > 0 && (line.task_run_id === undefined || !tasks.includes(line.task_run_id))) return false;
    const { wanted, excluded } = this.#terms;
    if (wanted.length === 0 && excluded.length === 0) return true;
    const text = foldCase(stripAnsi(line.message));
    return wanted.every((term) => text.includes(term)) && !excluded.some((term) => text.includes(term));
  }
}

/** Lower case of the same length, so that positions stay (`İ`.toLowerCase() is longer than `İ`). */
function foldCase(text: string): string {
  const folded = text.toLowerCase();
  if (folded.length === text.length) return folded;
  return text.replace(/[^\u0130]+/g, (piece) => piece.toLowerCase());
}

function joinRanges(ranges: Array<[number, number]>): Array<[number, number]> {
  const joined: Array<[number, number]> = [];
  for (const [start, end] of ranges.sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}
