import { type ContinuingLine, isContinuation, isTraceLine, TRACE_LINES_MAX } from '@/lib/protocol/continuation';
import type { LineFilter } from '@/lib/protocol/filter';
import { matchesLine, matchesTime } from '@/lib/protocol/filter-match';
import { formatTimestamp } from '@/lib/protocol/timestamp';
import type { LinePage, LogStore, PageStart, RunHead } from '@/lib/store/store';
import type { HistoryQuery } from './history-query';

type Line = LinePage['lines'][number];

/** Lines of other tasks and streams that may stand within a trace. */
const FOREIGN_LINES_MAX = 50;
const READ_LINES = 100;

/**
 * A page of the lines that pass a filter, together with the rest of the stack traces that they are in. A page that begins
 * after a line goes on with the traces that it cuts, so that pages joined end to end are what one long page would be.
 * What the filter's text excludes stays out, as do lines outside its times.
 */
export async function readWithTraces(
  store: Pick<LogStore, 'readPage'>,
  run: RunHead,
  { filter, limit }: Pick<HistoryQuery, 'filter' | 'limit'>,
  start: PageStart,
): Promise<LinePage> {
  const page = await store.readPage({ run, start, limit, filter });
  const reader = new LineReader(store, run, page);
  const lines = new Map(page.lines.map((line) => [numberOf(line), line]));
  const after = start.kind === 'after' ? Math.max(start.line, page.head.firstLine - 1) : page.head.firstLine - 1;
  // Behind the newest matches there is no other; behind those of another page there may be, and the next one goes on.
  const last = start.kind === 'tail' ? page.head.lastLine : page.lastSeen;
  const seeds = [...page.lines];
  if (start.kind === 'after') seeds.unshift(...(await matchesBefore(reader, after, filter)));
  for (const seed of seeds) {
    for (const line of await traceAround(reader, seed, lines)) {
      const number = numberOf(line);
      if (number > after && number <= last && mayJoin(filter, line)) lines.set(number, line);
    }
  }
  const sorted = [...lines].sort(([a], [b]) => a - b).map(([, line]) => line);
  const newest = sorted.at(-1);
  const lastSeen = Math.max(page.lastSeen, newest ? numberOf(newest) : 0);
  if (sorted.length <= limit) return { ...page, lines: sorted, lastSeen };
  if (start.kind === 'tail') {
    const kept = sorted.slice(-limit);
    const dropped = sorted.at(-limit - 1);
    const seenAfter = page.seenAfter !== undefined && dropped ? { seenAfter: numberOf(dropped) } : {};
    return { ...page, ...seenAfter, lines: kept, lastSeen };
  }
  const kept = sorted.slice(0, limit);
  const cut = kept.at(-1);
  return { ...page, lines: kept, lastSeen: cut ? numberOf(cut) : lastSeen };
}

/** The matches close before a line: a trace that one of them is in may reach beyond it. */
async function matchesBefore(reader: LineReader, after: number, filter: LineFilter): Promise<Line[]> {
  const matches: Line[] = [];
  for (let number = after; number > after - TRACE_LINES_MAX; number--) {
    const line = await reader.at(number);
    if (!line) break;
    const { batch, index } = line;
    if (matchesLine(filter, batch.facet(index), batch.timeUs(index), batch.message(index))) matches.unshift(line);
  }
  return matches;
}

/** The lines of a trace around one of them, in no order and without it; nothing where it is in no trace. */
async function traceAround(reader: LineReader, seed: Line, known: ReadonlyMap<number, Line>): Promise<Line[]> {
  const found: Line[] = [];
  let isTrace = isTraceLine(continuing(seed).message);
  for (const step of [1, -1] as const) {
    let edge = seed;
    let foreign = 0;
    for (let number = numberOf(seed) + step, count = 0; count < TRACE_LINES_MAX; number += step) {
      const line = await reader.at(number);
      if (!line) break;
      if (!isSameSource(line, seed)) {
        foreign += 1;
        if (foreign > FOREIGN_LINES_MAX) break;
        continue;
      }
      const goesOn =
        step === 1
          ? isContinuation(continuing(line), continuing(edge))
          : isContinuation(continuing(edge), continuing(line));
      if (!goesOn) break;
      isTrace ||= isTraceLine(continuing(line).message);
      // What is beyond a line that passed as well is found from there.
      if (isTrace && known.has(number)) break;
      found.push(line);
      edge = line;
      foreign = 0;
      count += 1;
    }
  }
  return isTrace ? found : [];
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

function numberOf({ batch, index }: Line): number {
  return batch.firstLine + index;
}

/** Single lines of a run by number, mostly from the batches that a page brought. */
class LineReader {
  readonly #store: Pick<LogStore, 'readPage'>;
  readonly #run: RunHead;
  readonly #page: LinePage;
  #batch: Line['batch'] | undefined;

  constructor(store: Pick<LogStore, 'readPage'>, run: RunHead, page: LinePage) {
    this.#store = store;
    this.#run = run;
    this.#page = page;
  }

  /** Undefined where the run does not have the line. */
  async at(number: number): Promise<Line | undefined> {
    const { firstLine, lastLine } = this.#page.head;
    if (number < firstLine || number > lastLine) return undefined;
    return this.#held(number) ?? this.#read(number);
  }

  #held(number: number): Line | undefined {
    const holds = (batch: Line['batch'] | undefined) =>
      batch !== undefined && number >= batch.firstLine && number <= batch.lastLine;
    if (!holds(this.#batch)) this.#batch = this.#page.lines.find(({ batch }) => holds(batch))?.batch;
    return this.#batch && { batch: this.#batch, index: number - this.#batch.firstLine };
  }

  async #read(number: number): Promise<Line | undefined> {
    const start = { kind: 'after', line: number - 1 } as const;
    const { lines } = await this.#store.readPage({ run: this.#run, start, limit: READ_LINES, filter: {} });
    const [line] = lines;
    if (!line || numberOf(line) !== number) return undefined;
    this.#batch = line.batch;
    return line;
  }
}
