import type { FilterParameter, FilterParameters, LineFilter } from './filter';
import { foldId } from './ids';
import { LEVELS, STREAMS } from './log-message';
import { parseTextQuery } from './text-query-parse';
import { formatTimestamp, parseTimestamp, TIME_US_MAX } from './timestamp';

/** A value as a URL, Next's `searchParams` or a Socket.IO `filter` have it. */
export type FilterValue = string | number | boolean | ReadonlyArray<string | number> | null | undefined;
export type FilterSource = URLSearchParams | Readonly<Record<string, FilterValue>>;

export type FilterParse =
  | { ok: true; filter: LineFilter }
  | { ok: false; field: FilterParameter; detail: string /** UTF-16 index in `q`. */; at?: number };

/** Greatest `attempt` of a task run. */
const ATTEMPT_MAX = 1_000_000;

/**
 * The filter that the parameters name; other parameters are passed over. Repeated ones join; empty ones are absent.
 * Sets are comma-separated (a comma in a task's name is written `\,`, a backslash before a comma `\\`), times are
 * RFC 3339 or epoch milliseconds. Ids are not looked up: an unknown task matches no line. Never throws.
 */
export function parseFilter(source: FilterSource): FilterParse {
  try {
    return { ok: true, filter: readFilter(source) };
  } catch (error) {
    if (!(error instanceof BadFilter)) throw error;
    const { field, message: detail, at } = error;
    return at === undefined ? { ok: false, field, detail } : { ok: false, field, detail, at };
  }
}

/** The parameters that parse to this filter. */
export function formatFilter(filter: LineFilter): FilterParameters {
  const parameters: FilterParameters = {};
  if (filter.levels) parameters.level = formatSet(filter.levels);
  if (filter.streams) parameters.stream = formatSet(filter.streams);
  if (filter.taskRunIds) parameters.task_run_id = formatSet(filter.taskRunIds);
  if (filter.taskNames) parameters.task_name = formatSet(filter.taskNames);
  if (filter.attempts) parameters.attempt = formatSet(filter.attempts);
  if (filter.fromUs !== undefined) parameters.from = formatTimestamp(filter.fromUs);
  if (filter.toUs !== undefined) parameters.to = formatTimestamp(filter.toUs);
  if (filter.text) {
    parameters.q = filter.text.source;
    if (filter.text.caseSensitive) parameters.case = '1';
  }
  return parameters;
}

class BadFilter extends Error {
  readonly field: FilterParameter;
  readonly at: number | undefined;

  constructor(field: FilterParameter, detail: string, at?: number) {
    super(detail);
    this.field = field;
    this.at = at;
  }
}

function readFilter(source: FilterSource): LineFilter {
  const filter: LineFilter = {};
  const levels = readSet(source, 'level');
  if (levels) filter.levels = new Set(levels.map((word) => readWord(word, 'level', LEVELS)));
  const streams = readSet(source, 'stream');
  if (streams) filter.streams = new Set(streams.map((word) => readWord(word, 'stream', STREAMS)));
  const taskRunIds = readSet(source, 'task_run_id');
  if (taskRunIds) filter.taskRunIds = new Set(taskRunIds.map((id) => foldId(id.trim())));
  const taskNames = readSet(source, 'task_name');
  if (taskNames) filter.taskNames = new Set(taskNames);
  const attempts = readSet(source, 'attempt');
  if (attempts) filter.attempts = new Set(attempts.map(readAttempt));
  const fromUs = readTime(source, 'from');
  if (fromUs !== undefined) filter.fromUs = fromUs;
  const toUs = readTime(source, 'to');
  if (toUs !== undefined) filter.toUs = toUs;
  const caseSensitive = readCase(source);
  const text = parseTextQuery(valuesOf(source, 'q').join(' '), caseSensitive);
  if (!text.ok) throw new BadFilter('q', text.detail, text.at);
  if (text.query) filter.text = text.query;
  return filter;
}

/** The parameter's values as written, without empty ones. */
function valuesOf(source: FilterSource, field: FilterParameter): string[] {
  const values = source instanceof URLSearchParams ? source.getAll(field) : ownValues(source, field);
  return values.filter((value) => value !== '');
}

function ownValues(source: Readonly<Record<string, FilterValue>>, field: FilterParameter): string[] {
  const value = Object.hasOwn(source, field) ? source[field] : undefined;
  if (value === undefined || value === null) return [];
  return typeof value === 'object' ? value.map(String) : [String(value)];
}

function readSet(source: FilterSource, field: FilterParameter): string[] | undefined {
  const items = valuesOf(source, field).flatMap(splitAtCommas);
  return items.length === 0 ? undefined : items;
}

/** The items of a comma-separated set without empty ones; `\,` and `\\` stand for themselves. */
function splitAtCommas(text: string): string[] {
  if (!text.includes('\\')) return text.split(',').filter((item) => item !== '');
  const items: string[] = [];
  for (const [item] of text.matchAll(/(?:\\[\\,]|[^,])+/g)) items.push(item.replace(/\\([\\,])/g, '$1'));
  return items;
}

function formatSet(items: ReadonlySet<string | number>): string {
  return [...items].map((item) => String(item).replace(/[\\,]/g, '\\$&')).join(',');
}

function readWord<Word extends string>(text: string, field: FilterParameter, words: readonly Word[]): Word {
  const folded = text.trim().toLowerCase();
  const word = words.find((candidate) => candidate === folded);
  if (word === undefined) throw new BadFilter(field, `must be of ${words.join(', ')}, separated by commas`);
  return word;
}

function readAttempt(text: string): number {
  const attempt = /^\s*\d{1,7}\s*$/.test(text) ? Number(text) : 0;
  if (attempt < 1 || attempt > ATTEMPT_MAX) {
    throw new BadFilter('attempt', `must be whole numbers from 1 to ${ATTEMPT_MAX}, separated by commas`);
  }
  return attempt;
}

function readTime(source: FilterSource, field: 'from' | 'to'): number | undefined {
  const [text, ...more] = valuesOf(source, field);
  if (text === undefined) return undefined;
  if (more.length > 0) throw new BadFilter(field, 'must be given once');
  const us = parseTime(text);
  if (us === undefined) throw new BadFilter(field, TIME_WORDS);
  return us;
}

/** What `parseTime` takes, as a sentence's end. */
export const TIME_WORDS =
  'must be an RFC 3339 time, such as 2024-01-15T10:30:45.123Z, or milliseconds since 1970, until the year 2100';

/** A time as a URL has it, RFC 3339 or epoch milliseconds, in microseconds; undefined where it is none. */
export function parseTime(text: string): number | undefined {
  // An unescaped + of a time zone's offset arrives from a URL as a space.
  const us = /^\d+(?:\.\d+)?$/.test(text)
    ? Math.round(Number(text) * 1000)
    : parseTimestamp(text.replace(/ (?=\d\d:?\d\d$)/, '+'));
  return us !== undefined && us <= TIME_US_MAX ? us : undefined;
}

function readCase(source: FilterSource): boolean {
  const values = valuesOf(source, 'case');
  if (!values.every((value) => CASE_VALUES.has(value))) throw new BadFilter('case', 'must be 1 or 0');
  return values.some((value) => CASE_VALUES.get(value) === true);
}

const CASE_VALUES: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['true', true],
  ['0', false],
  ['false', false],
]);
