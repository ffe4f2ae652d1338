import { z } from 'zod';
import { storedFacetsSchema } from '@/lib/store/chunk-codec';
import type { Sql } from '@/lib/store/database';
import type { LineRange } from './scan-task';
import type { LineSpan, ScannedChunk } from './search-chunk';

/** A stored chunk, and which of its lines were asked for. */
export interface ChunkPart {
  chunk: ScannedChunk & { firstLine: number };
  span: LineSpan;
}

const rowSchema = z.object({
  first_line: z.number(),
  line_count: z.number(),
  min_at: z.number(),
  max_at: z.number(),
  facets: storedFacetsSchema,
  text_bytes: z.number(),
  codec: z.number(),
  attrs: z.instanceof(Buffer),
  body: z.instanceof(Buffer),
});

/** The chunks that hold lines of a range, by rising line; without their text where it is not wanted. */
export async function readChunks(
  sql: Sql,
  runKey: number,
  { firstLine, lastLine }: LineRange,
  withText: boolean,
): Promise<ChunkPart[]> {
  const rows = await sql`
    select first_line, line_count, min_at, max_at, facets, text_bytes, codec, attrs,
      ${withText ? sql`body` : sql`''::bytea as body`}
    from log_chunks
    where run_key = ${runKey} and first_line <= ${lastLine} and first_line >= coalesce(
      (select max(first_line) from log_chunks where run_key = ${runKey} and first_line <= ${firstLine}), ${firstLine})
    order by first_line
  `;
  return rows.map((row) => toPart(rowSchema.parse(row), firstLine, lastLine));
}

function toPart(row: z.infer<typeof rowSchema>, firstLine: number, lastLine: number): ChunkPart {
  return {
    chunk: {
      firstLine: row.first_line,
      lineCount: row.line_count,
      minUs: row.min_at,
      maxUs: row.max_at,
      facets: row.facets,
      textBytes: row.text_bytes,
      codec: row.codec,
      attrs: row.attrs,
      body: row.body,
    },
    span: {
      from: Math.min(row.line_count, Math.max(0, firstLine - row.first_line)),
      to: Math.min(row.line_count, lastLine - row.first_line + 1),
    },
  };
}
