import { setImmediate } from 'node:timers/promises';
import type { LineFilter } from '@/lib/protocol/filter';
import { matchesFacet } from '@/lib/protocol/filter-match';
import { type StoredFacet, storedFacetsSchema } from './chunk-codec';
import { toFacet } from './chunk-decode';
import type { Sql } from './database';
import type { TaskRef } from './line-batch';
import { toStoreError } from './store-error';
import type { TaskDirectory } from './task-directory';

/** What a run's chunks hold, without their lines. */
export interface ChunkSummary {
  firstLine: number;
  lineCount: number;
  minUs: number;
  maxUs: number;
  facets: StoredFacet[];
  /** UTF-8 bytes of texts and attributes. */
  textBytes: number;
}

/** The chunks of a run by rising line, with the tasks that they name: one read of the index, no text. */
export interface ChunkIndex {
  chunks: ChunkSummary[];
  tasks: Map<number, TaskRef>;
}

/** Between so many rows commits and live readers have their turn: the index of ten million lines takes 15 ms to take in. */
const ROWS_PER_TURN = 256;

/** The run's chunks that hold lines from `fromLine` on. */
export async function readChunkIndex(
  sql: Sql,
  tasks: TaskDirectory,
  runKey: number,
  fromLine = 1,
): Promise<ChunkIndex> {
  try {
    const rows = await sql<
      Array<{
        first_line: number;
        line_count: number;
        min_at: number;
        max_at: number;
        facets: unknown;
        text_bytes: number;
      }>
    >`
      select first_line, line_count, min_at, max_at, facets, text_bytes from log_chunks
      where run_key = ${runKey} and first_line + line_count > ${fromLine} order by first_line
    `;
    const chunks: ChunkSummary[] = [];
    for (const row of rows) {
      if (chunks.length % ROWS_PER_TURN === ROWS_PER_TURN - 1) await setImmediate();
      chunks.push({
        firstLine: row.first_line,
        lineCount: row.line_count,
        minUs: row.min_at,
        maxUs: row.max_at,
        facets: storedFacetsSchema.parse(row.facets),
        textBytes: row.text_bytes,
      });
    }
    return { chunks, tasks: await tasks.lookUp(chunks.flatMap((chunk) => chunk.facets.map(([task]) => task))) };
  } catch (error) {
    throw toStoreError(error);
  }
}

/** How many lines of a chunk pass the sets and times: a number, or `scan` where its times straddle a bound. */
export function countMatching(
  chunk: ChunkSummary,
  filter: LineFilter,
  tasks: ReadonlyMap<number, TaskRef>,
): number | 'scan' {
  const { fromUs = 0, toUs = Number.POSITIVE_INFINITY } = filter;
  if (chunk.maxUs < fromUs || chunk.minUs >= toUs) return 0;
  let lines = 0;
  for (const stored of chunk.facets) {
    if (matchesFacet(filter, toFacet(stored, tasks))) lines += stored[3];
  }
  if (lines === 0) return 0;
  return chunk.minUs >= fromUs && chunk.maxUs < toUs ? lines : 'scan';
}
