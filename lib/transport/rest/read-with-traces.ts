import { setImmediate as nextTurn } from 'node:timers/promises';
import { matchingTurns } from '@/lib/config/matching-turns';
import {
  type ContinuingLine,
  isContinuation,
  isTraceLine,
  PLAIN_LINES_MAX,
  TRACE_LINES_MAX,
} from '@/lib/protocol/continuation';
import type { LineFilter } from '@/lib/protocol/filter';
import { matchesLine, matchesTime } from '@/lib/protocol/filter-match';
import { PAGE_CHARS_MAX } from '@/lib/protocol/limits';
import { charsOf, NewestLines, PageRoom } from '@/lib/protocol/page-room';
import { formatTimestamp } from '@/lib/protocol/timestamp';
import type { LinePage, LogStore, PageStart, RunHead } from '@/lib/store/store';
import type { HistoryQuery } from './history-query';
import { LineReader, numberOf } from './line-reader';

type Line = LinePage['lines'][number];

/** Lines of other tasks and streams that may stand within a trace. */
const FOREIGN_LINES_MAX = 50;
/** So many lines are looked at for a page in all; some pages of nothing but traces need as many as they hold. */
const LOOKED_AT_MIN = 20_000;
const LOOKED_AT_PER_LINE = 20;
/** Others get their turn after so many. */
const TURN_LINES = 1000;

/**
 * A page of the lines that pass a filter, together with the rest of the stack traces that they are in. A page that begins
 * after a line goes on with the traces that it cuts. What the filter's text excludes stays out, as do lines outside its
 * times. Where traces of several tasks are interleaved at a page's edge, a line above a match of the next page is left out.
 */
export async function readWithTraces(
  store: Pick<LogStore, 'readPage'>,
  run: RunHead,
  { filter, limit }: Pick<HistoryQuery, 'filter' | 'limit'>,
  start: PageStart,
  signal: AbortSignal,
): Promise<LinePage> {
  const page = await store.readPage({ run, start, limit, filter, signal });
  // Of a task, a stream or a time alone, a trace passes whole.
  if (filter.levels === undefined && filter.text === undefined) return page;
  const search = new TraceSearch(new LineReader(store, run, page), limit, signal);
  const lines = new Map(page.lines.map((line) => [numberOf(line), line]));
  const after = start.kind === 'after' ? Math.max(start.line, page.head.firstLine - 1) : page.head.firstLine - 1;
  // Behind the newest matches there is no other; behind those of another page there may be, and the next one goes on.
  const last = start.kind === 'tail' ? page.head.lastLine : page.lastSeen;
  const before = start.kind === 'after' ? await search.matchesBefore(after, filter) : [];
  const seeds = start.kind === 'tail' ? page.lines.toReversed() : [...before, ...page.lines];
  let joined = 0;
  let chars = 0;
  for (const [index, seed] of seeds.entries()) {
    // What is found of the others would be cut off.
    if (index - before.length + joined > limit || chars > PAGE_CHARS_MAX) break;
    if (index >= before.length) chars += charsOf(seed);
    for (const line of await search.around(seed, lines)) {
      const number = numberOf(line);
      if (filter.text) await timeToMatch();
      if (lines.has(number) || number <= after || number > last || !mayJoin(filter, line)) continue;
      lines.set(number, line);
      joined += 1;
      chars += charsOf(line);
    }
  }
  return cutPage(
    page,
    [...lines].sort(([a], [b]) => a - b).map(([, line]) => line),
    limit,
    start.kind === 'tail',
  );
}

/** The page with these lines instead of its matches alone: the newest for which there is room, or the oldest. */
function cutPage(page: LinePage, lines: Line[], limit: number, isTail: boolean): LinePage {
  const newest = lines.at(-1);
  const lastSeen = Math.max(page.lastSeen, newest ? numberOf(newest) : 0);
  const kept = isTail ? new NewestLines<Line>(limit) : new PageRoom<Line>(limit);
  const isWhole = lines.every((line) => kept.add(line));
  if (kept instanceof NewestLines) {
    const { dropped } = kept;
    return { ...page, ...(dropped && { seenAfter: numberOf(dropped) }), lines: kept.lines, lastSeen };
  }
  const cut = kept.lines.at(-1);
  return { ...page, lines: kept.lines, lastSeen: cut && !isWhole ? numberOf(cut) : lastSeen };
}

/** Looks for the lines of traces, within a bound for the whole page. */
class TraceSearch {
  readonly #reader: LineReader;
  readonly #signal: AbortSignal;
  #left: number;
  #steps = 0;

  constructor(reader: LineReader, limit: number, signal: AbortSignal) {
    this.#reader = reader;
    this.#signal = signal;
    this.#left = Math.max(LOOKED_AT_MIN, LOOKED_AT_PER_LINE * limit);
  }

  /** The matches close before a line: a trace that one of them is in may reach beyond it. */
  async matchesBefore(after: number, filter: LineFilter): Promise<Line[]> {
    const matches: Line[] = [];
    for (let number = after; number > after - TRACE_LINES_MAX; number--) {
      const line = await this.#lineAt(number);
      if (!line) break;
      const { batch, index } = line;
      if (filter.text) await timeToMatch();
      if (matchesLine(filter, batch.facet(index), batch.timeUs(index), batch.message(index))) matches.unshift(line);
    }
    return matches;
  }

  /** The lines of a trace around one of them, in no order; nothing where it is in none. What is beyond a known line is found from there. */
  async around(seed: Line, known: ReadonlyMap<number, Line>): Promise<Line[]> {
    const found: Line[] = [];
    const start = continuing(seed);
    let isTrace = isTraceLine(start.message);
    for (const step of [1, -1] as const) {
      let edge = start;
      let foreign = 0;
      for (let number = numberOf(seed) + step, count = 0; count < TRACE_LINES_MAX; number += step) {
        const line = await this.#lineAt(number);
        if (!line) break;
        if (!isSameSource(line, seed)) {
          foreign += 1;
          if (foreign > FOREIGN_LINES_MAX) break;
          continue;
        }
        const next = continuing(line);
        if (!(step === 1 ? isContinuation(next, edge) : isContinuation(edge, next))) break;
        isTrace ||= isTraceLine(next.message);
        if (known.has(number) || (!isTrace && count >= PLAIN_LINES_MAX)) break;
        found.push(line);
        edge = next;
        count += 1;
      }
    }
    return isTrace ? found : [];
  }

  /** Undefined also where enough was looked at, or nobody waits any more. */
  async #lineAt(number: number): Promise<Line | undefined> {
    this.#left -= 1;
    this.#steps += 1;
    if (this.#steps % TURN_LINES === 0) await nextTurn();
    return this.#left < 0 || this.#signal.aborted ? undefined : this.#reader.at(number);
  }
}

async function timeToMatch(): Promise<void> {
  while (matchingTurns.isOver) await matchingTurns.pause();
}

function isSameSource(a: Line, b: Line): boolean {
  const [one, other] = [a.batch.facet(a.index), b.batch.facet(b.index)];
  return one.task?.id === other.task?.id && one.stream === other.stream;
}

function mayJoin(filter: LineFilter, { batch, index }: Line): boolean {
  return matchesTime(filter, batch.timeUs(index)) && filter.text?.excludes(batch.message(index)) !== true;
}

function continuing({ batch, index }: Line): ContinuingLine {
  const { task, stream } = batch.facet(index);
  return {
    ...(task && { task_run_id: task.id }),
    stream,
    timestamp: formatTimestamp(batch.timeUs(index)),
    message: batch.message(index),
    ...(batch.continues(index) && { continues: true }),
  };
}
