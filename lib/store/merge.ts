import { CHUNK_BYTES_MAX, CHUNK_LINES_TARGET, MERGE_CHUNKS_MIN } from '@/lib/config/limits';
import { joinChunks } from './chunk-join';
import type { Sql } from './database';
import { type ChunkSize, isLarge, type MergePlan, planMerges } from './merge-plan';
import { readChunks } from './scan/read-chunks';
import { toStoreError } from './store-error';

const SERIALIZATION_FAILURE = '40001';

/** Runs that have at least `chunksMin` small chunks: what merging left when the process stopped. */
export async function findMergeable(sql: Sql, chunksMin: number): Promise<number[]> {
  const rows = await sql<Array<{ run_key: number }>>`
    select run_key from log_chunks where line_count * 2 <= ${CHUNK_LINES_TARGET} and text_bytes * 2 <= ${CHUNK_BYTES_MAX}
    group by run_key having count(*) >= ${chunksMin}
  `;
  return rows.map((row) => row.run_key);
}

export interface MergeResult {
  /** How many chunks went into larger ones. */
  merged: number;
  /** Stored bytes of these. */
  freedBytes: number;
  /** The line from which the next merge has to look. */
  nextLine: number;
}

/**
 * Merges a run's small chunks from `fromLine` on; line numbers and texts stay as they are. `isEnded` merges even two. Another merge or a
 * deletion at the same time makes it leave those chunks. Compresses on this thread: for workers.
 */
export async function mergeRun(
  sql: Sql,
  runKey: number,
  { isEnded = false, fromLine = 0 }: { isEnded?: boolean; fromLine?: number } = {},
): Promise<MergeResult> {
  try {
    const sizes = await sql<ChunkSize[]>`
      select first_line, line_count, text_bytes from log_chunks
      where run_key = ${runKey} and first_line >= ${fromLine} order by first_line
    `;
    let merged = 0;
    let freedBytes = 0;
    for (const plan of planMerges(sizes, isEnded ? 2 : MERGE_CHUNKS_MIN)) {
      const freed = await mergeChunks(sql, runKey, plan);
      if (freed === undefined) continue;
      merged += plan.chunks;
      freedBytes += freed;
    }
    return { merged, freedBytes, nextLine: endOfMerged(sizes) ?? fromLine };
  } catch (error) {
    throw toStoreError(error);
  }
}

/** The first line of the small chunks at the end of a run, which later ones may join; undefined where there is no chunk. */
function endOfMerged(sizes: readonly ChunkSize[]): number | undefined {
  const lastLarge = sizes.findLast(isLarge);
  if (lastLarge) return lastLarge.first_line;
  return sizes[0]?.first_line;
}

/** How many bytes the chunks took that became one; undefined where they are not as they were planned any more. */
async function mergeChunks(sql: Sql, runKey: number, plan: MergePlan): Promise<number | undefined> {
  const { firstLine } = plan;
  const parts = await readChunks(sql, runKey, [{ firstLine, lastLine: firstLine + plan.lines - 1 }], 'whole');
  const chunks = parts.map(({ chunk }) => chunk);
  const lines = chunks.reduce((sum, chunk) => sum + chunk.lineCount, 0);
  if (chunks.length !== plan.chunks || chunks[0]?.firstLine !== firstLine || lines !== plan.lines) return undefined;
  const merged = joinChunks(chunks);
  const header = {
    lines,
    min: merged.minUs,
    max: merged.maxUs,
    facets: merged.facets,
    text: merged.textBytes,
    codec: merged.codec,
  };
  try {
    const [row] = await sql<Array<{ merged: boolean }>>`
      select stratal_merge(${runKey}, ${firstLine}, ${plan.chunks}, ${JSON.stringify(header)}::text::jsonb, ${merged.attrs}, ${merged.body}, ${merged.marks ?? null}) as merged
    `;
    if (row?.merged !== true) return undefined;
    return chunks.reduce((sum, { attrs, body, marks }) => sum + attrs.length + body.length + (marks?.length ?? 0), 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === SERIALIZATION_FAILURE) return undefined;
    throw error;
  }
}
