import { z } from 'zod';
import { CHUNK_BYTES_MAX, CHUNK_LINES_TARGET } from '@/lib/config/limits';
import { chunkRanges, countLevels, toColumns } from './append-encode';
import { toAppendError } from './append-error';
import { encodeChunk } from './chunk-codec';
import type { Sql } from './database';
import { batchBytes, LineBatch } from './line-batch';
import type { AppendOp, AppendResult, SourceAdvance } from './store';

const committedSchema = z.object({
  o_last: z.number(),
  o_previous: z.number(),
  o_position: z.number(),
  o_at: z.number(),
});
const rowSchema = z.union([committedSchema, z.object({ o_position: z.null() })]);

/**
 * Commits one step of lines by the short way, which takes a third less than `append`: into a run that runs, in one chunk, of at most
 * one task. Undefined where it is not for these lines; then nothing was stored. Throws as `append` does.
 */
export async function appendLines(
  sql: Sql,
  op: Extract<AppendOp, { kind: 'lines' }>,
  source: SourceAdvance | undefined,
): Promise<Extract<AppendResult, { kind: 'committed' }> | undefined> {
  const { run, lines, byteCount, maskedCount, replacedCount } = op;
  const lineCount = lines.length;
  const task = lines[0]?.task;
  if (lineCount > CHUNK_LINES_TARGET || byteCount > CHUNK_BYTES_MAX) return undefined;
  if (lines.some((line) => line.task?.key !== task?.key)) return undefined;
  const columns = toColumns(lines);
  if (chunkRanges(columns).length !== 1) return undefined;
  const { info, error, warn, debug } = countLevels(columns);
  const chunk = encodeChunk(columns, 0, lineCount);
  let found: unknown;
  try {
    [found] = await sql`
      select * from stratal_append_lines(
        ${source?.source ?? null}::uuid, ${source?.expected ?? null}::int8, ${source?.next ?? null}::int8,
        ${run.key}::int8, ${task?.key ?? null}::int8, ${lineCount}::int4, ${byteCount}::int8,
        ${info}::int4, ${error}::int4, ${warn}::int4, ${debug}::int4, ${maskedCount}::int4, ${replacedCount}::int4,
        ${chunk.minUs}::int8, ${chunk.maxUs}::int8, ${JSON.stringify(chunk.facets)}::text::jsonb,
        ${chunk.textBytes}::int4, ${chunk.codec}::int2, ${chunk.attrs}, ${chunk.body}, ${chunk.marks ?? null}::bytea)
    `;
  } catch (cause) {
    throw await toAppendError(cause);
  }
  const row = rowSchema.parse(found);
  if (row.o_position === null) return undefined;
  const { o_last: last, o_previous: previousPosition, o_position: position, o_at: atUs } = row;
  const firstLine = last + 1 - lineCount;
  const entry = { ...run, position, firstLine, lineCount, atUs, status: 'running' as const, end: undefined };
  const sizeBytes = batchBytes(chunk.textBytes, lineCount);
  columns.isAscii = chunk.isAscii;
  const batch = new LineBatch(run, firstLine, columns, sizeBytes);
  return {
    kind: 'committed',
    outcomes: [{ kind: 'done', entry, batch, run }],
    commits: [{ entry, batch }],
    previousPosition,
    position,
  };
}
