import { storedFacetsSchema } from '@/lib/store/chunk-codec';
import type { MarkedChunk } from '@/lib/store/chunk-join';
import type { Sql } from '@/lib/store/database';
import type { LineSpan } from '@/lib/store/text-pieces';
import { copyRows } from './copy-rows';
import type { LineRange } from './scan-task';
import type { ScannedChunk } from './search-chunk';

/** A stored chunk, and which of its lines were asked for. */
export interface ChunkPart {
  chunk: ScannedChunk & MarkedChunk & { firstLine: number };
  span: LineSpan;
}

/** Columns of chunks beside those that all need: none, the text, or marks too. */
type ChunkParts = 'attrs' | 'text' | 'whole';

/** The chunks that hold lines of some ranges, in their order; columns that are not wanted are empty. */
export async function readChunks(
  sql: Sql,
  runKey: number,
  ranges: readonly LineRange[],
  parts: ChunkParts,
): Promise<ChunkPart[]> {
  const run = wholeNumber(runKey);
  const firsts = ranges.map(({ firstLine }) => wholeNumber(firstLine));
  const lasts = ranges.map(({ lastLine }) => wholeNumber(lastLine));
  const rows = await copyRows(
    sql,
    `select wanted.first, wanted.last, chunk.first_line, min_at, max_at, line_count::int8, text_bytes::int8, codec::int8,
      facets::text, attrs, ${parts === 'attrs' ? EMPTY_BYTEA : 'body'}, ${parts === 'whole' ? `coalesce(marks, ${EMPTY_BYTEA})` : EMPTY_BYTEA}
    from unnest('{${firsts.join()}}'::int8[], '{${lasts.join()}}'::int8[]) as wanted (first, last)
    cross join lateral (
      select * from log_chunks
      where run_key = ${run} and first_line <= wanted.last and first_line >= coalesce(
        (select max(first_line) from log_chunks where run_key = ${run} and first_line <= wanted.first), wanted.first)
      order by first_line
    ) as chunk
    order by wanted.first, chunk.first_line`,
  );
  return rows.map(toPart);
}

function toPart(fields: readonly Buffer[]): ChunkPart {
  const [from = 0, to = 0, firstLine = 0, minUs = 0, maxUs = 0, lineCount = 0, textBytes = 0, codec = 0] = fields
    .slice(0, 8)
    .map((field) => Number(field.readBigInt64BE()));
  const [facets = EMPTY, attrs = EMPTY, body = EMPTY, marks = EMPTY] = fields.slice(8);
  return {
    chunk: {
      firstLine,
      lineCount,
      minUs,
      maxUs,
      facets: storedFacetsSchema.parse(JSON.parse(facets.toString())),
      textBytes,
      codec,
      attrs,
      body,
      marks: marks.length === 0 ? undefined : marks,
    },
    span: { from: Math.min(lineCount, Math.max(0, from - firstLine)), to: Math.min(lineCount, to - firstLine + 1) },
  };
}

const EMPTY = Buffer.alloc(0);
const EMPTY_BYTEA = "''::bytea";

/** A number as SQL text, and nothing else. */
function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
  return String(value);
}
