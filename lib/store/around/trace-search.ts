import { setImmediate as nextTurn } from 'node:timers/promises';
import { matchingTurns } from '@/lib/config/matching-turns';
import {
  type ContinuingLine,
  FOREIGN_LINES_MAX,
  isContinuation,
  isTraceLine,
  PLAIN_LINES_MAX,
  TRACE_LINES_MAX,
  TRACE_SPAN,
} from '@/lib/protocol/continuation';
import type { LineFilter } from '@/lib/protocol/filter';
import { matchesLine } from '@/lib/protocol/filter-match';
import { formatTimestamp } from '@/lib/protocol/timestamp';
import { type Line, numberOf } from '@/lib/store/filtered-lines';
import type { LineReader } from './line-reader';

/** What tells whether the lines of a trace come with a match is no farther from it, in lines of the run. */
export const TRACE_REACH = TRACE_SPAN + PLAIN_LINES_MAX + FOREIGN_LINES_MAX;
/** So many lines are looked at for a page in all; some pages of nothing but traces need as many as they hold. */
const LOOKED_AT_MIN = 20_000;
/** Of a list in which each line matches, as many as it takes to see that it is no trace. */
const LOOKED_AT_PER_LINE = 2 * PLAIN_LINES_MAX + 10;
/** Others get their turn after so many. */
const TURN_LINES = 1000;

/** Looks for the lines of traces, within a bound for the whole page. */
export class TraceSearch {
  readonly #reader: LineReader;
  readonly #signal: AbortSignal | undefined;
  #left: number;
  #steps = 0;

  constructor(reader: LineReader, limit: number, signal: AbortSignal | undefined) {
    this.#reader = reader;
    this.#signal = signal;
    this.#left = Math.max(LOOKED_AT_MIN, LOOKED_AT_PER_LINE * limit);
  }

  /** The matches from a line on, upwards (-1) or downwards, that a trace may have in common with the lines before it. Ascending. */
  async matchesFrom(first: number, step: 1 | -1, filter: LineFilter): Promise<Line[]> {
    const matches: Line[] = [];
    for (let number = first; Math.abs(number - first) < TRACE_SPAN; number += step) {
      const line = await this.#lineAt(number);
      if (!line) break;
      const { batch, index } = line;
      if (filter.text) await timeToMatch();
      if (matchesLine(filter, batch.facet(index), batch.timeUs(index), batch.message(index))) matches.push(line);
    }
    return step === 1 ? matches : matches.toReversed();
  }

  /** The lines of a trace around one of them, in no order; nothing where it is in none. What is beyond a known line is found from there. */
  async around(seed: Line, known: ReadonlySet<number>): Promise<Line[]> {
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
        if (isTrace ? known.has(number) : count >= PLAIN_LINES_MAX) break;
        // That this is a trace may be told beyond.
        if (!known.has(number)) found.push(line);
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
    return this.#left < 0 || this.#signal?.aborted ? undefined : this.#reader.at(number);
  }
}

/** Waits for time to match. */
export async function timeToMatch(): Promise<void> {
  while (matchingTurns.isOver) await matchingTurns.pause();
}

function isSameSource(a: Line, b: Line): boolean {
  const [one, other] = [a.batch.facet(a.index), b.batch.facet(b.index)];
  return one.task?.id === other.task?.id && one.stream === other.stream;
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
