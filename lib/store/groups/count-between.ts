import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { LEVELS } from '@/lib/protocol/log-message';
import { storedFacetsSchema } from '@/lib/store/chunk-codec';
import { decodeAttrs } from '@/lib/store/chunk-decode';
import type { Sql } from '@/lib/store/database';
import { eachPage } from '@/lib/store/each-page';
import { stoppedAnswer } from '@/lib/store/store-error';
import { addTally, countLines, noLines, type Tally } from '@/lib/terminal/group-tally';

const sumSchema = z.object({
  segment: z.number(),
  task: z.number(),
  level: z.number(),
  lines: z.number(),
  last: z.number(),
  until: z.number(),
});
const cutSchema = z.object({
  first_line: z.number(),
  line_count: z.number(),
  min_at: z.number(),
  facets: storedFacetsSchema,
  codec: z.number(),
  attrs: z.instanceof(Buffer),
});

/** Chunks that are cut may have a mebibyte of attributes each. */
const ROWS_PER_READ = 16;

/** Where the newest line of a task is that was counted: in a chunk, or at one line. */
interface Newest {
  first: number;
  last: number;
}

/** Lines of some tasks, counted between bounds. */
export class LineCounts {
  readonly #bounds: readonly number[];
  /** By task and segment: from bound n − 1 to bound n. */
  readonly #segments = new Map<number, Tally[]>();
  readonly #newest = new Map<number, Newest>();

  constructor(bounds: readonly number[], tasks: readonly number[]) {
    this.#bounds = bounds;
    for (const task of tasks) this.#segments.set(task, bounds.map(noLines));
  }

  /** Lines of a task from one bound up to another, exclusive. */
  between(task: number, from: number, to: number): Tally {
    const sum = noLines();
    const segments = this.#segments.get(task) ?? [];
    const end = this.#bounds.indexOf(to);
    for (let at = this.#bounds.indexOf(from) + 1; at <= end; at++) {
      const segment = segments[at];
      if (segment) addTally(sum, segment);
    }
    return sum;
  }

  newestOf(task: number): Newest | undefined {
    return this.#newest.get(task);
  }

  addSum(row: unknown): void {
    const { segment, task, level, lines, last, until } = sumSchema.parse(row);
    const tally = this.#segments.get(task)?.[segment];
    if (tally) countLines(tally, LEVELS[level] ?? 'info', lines);
    this.#note(task, last, until);
  }

  /** A chunk that bounds cut through: its lines are counted one by one. */
  addChunk(row: unknown): void {
    const { first_line: firstLine, line_count: lineCount, min_at: minUs, ...rest } = cutSchema.parse(row);
    const { facet } = decodeAttrs({ lineCount, minUs, ...rest });
    const tasks = rest.facets.map(([task]) => this.#segments.get(task));
    let segment = this.#bounds.findLastIndex((bound) => bound <= firstLine) + 1;
    for (let index = 0; index < lineCount; index++) {
      const line = firstLine + index;
      while ((this.#bounds[segment] ?? Number.POSITIVE_INFINITY) <= line) segment += 1;
      // Before the first bound and behind the last one nothing is asked for.
      if (segment === 0) continue;
      if (segment === this.#bounds.length) break;
      const at = facet[index] ?? 0;
      const tally = tasks[at]?.[segment];
      const stored = rest.facets[at];
      if (!tally || !stored) continue;
      countLines(tally, LEVELS[stored[2]] ?? 'info', 1);
      this.#note(stored[0], line, line);
    }
  }

  #note(task: number, first: number, last: number): void {
    const before = this.#newest.get(task);
    if (before === undefined || last > before.last) this.#newest.set(task, { first, last });
  }
}

/**
 * Counts the lines of tasks between ascending bounds, in one statement so that a merge at the same time counts none twice:
 * chunks between two bounds are sums over facets, of those that a bound cuts through the columns are read, and no text is.
 * `firstLine`: the oldest line of the run in the same snapshot. Rejects with the signal's reason once that aborts.
 */
export async function countBetween(
  sql: Sql,
  runKey: number,
  { bounds, tasks }: { bounds: readonly number[]; tasks: readonly number[] },
  signal: AbortSignal,
): Promise<{ counts: LineCounts; firstLine: number }> {
  const first = bounds[0] ?? 0;
  const after = bounds.at(-1) ?? 0;
  const pages = sql`
    with near as (
      select *, width_bucket(first_line, ${[...bounds]}::bigint[]) as segment,
        width_bucket(first_line + line_count - 1, ${[...bounds]}::bigint[]) as last_segment
      from log_chunks
      where run_key = ${runKey} and first_line < ${after} and first_line >= coalesce(
        (select max(first_line) from log_chunks where run_key = ${runKey} and first_line <= ${first}), ${first})
    )
    select 'sum' as kind, segment, task, level, sum(lines)::bigint as lines, max(first_line) as last,
      max(first_line + line_count - 1) as until, null::bigint as first_line,
      null::int as line_count, null::bigint as min_at, null::jsonb as facets, null::int as codec, null::bytea as attrs
    from near cross join lateral (
      select (facet ->> 0)::bigint as task, (facet ->> 2)::int as level, (facet ->> 3)::bigint as lines
      from jsonb_array_elements(near.facets) as facet
    ) as counted
    where segment = last_segment and segment > 0 and task = any(${[...tasks]}::bigint[])
    group by segment, task, level
    union all
    select 'cut', null, null, null, null, null, null, first_line, line_count, min_at, facets, codec, attrs
    from near where segment <> last_segment
    union all
    select 'run', null, null, null, null, null, null, first_line, null, null, null, null, null
    from job_runs where key = ${runKey}
  `.cursor(ROWS_PER_READ);
  const counts = new LineCounts(bounds, tasks);
  let firstLine = Number.POSITIVE_INFINITY;
  await eachPage(pages, signal, async (rows) => {
    for (const row of rows) {
      if (row.kind === 'sum') counts.addSum(row);
      else if (row.kind === 'run') firstLine = z.number().parse(row.first_line);
      else {
        // Some hundred are inflated on this thread: commits and live readers have their turn between them.
        await setImmediate();
        signal.throwIfAborted();
        counts.addChunk(row);
      }
    }
  });
  // A cursor whose session ends between two of its reads ends as if it had come to its end (postgres.js 3.4.9).
  if (!Number.isFinite(firstLine)) throw stoppedAnswer();
  return { counts, firstLine };
}
