import { storedFacetsSchema } from '@/lib/store/chunk-codec';
import type { Sql } from '@/lib/store/database';
import type { LineSpan } from '@/lib/store/text-pieces';
import { copyRows } from './copy-rows';
import type { LineRange } from './scan-task';
import type { ScannedChunk } from './search-chunk';

/** A stored chunk, and which of its lines were asked for. */
export interface ChunkPart {
  chunk: ScannedChunk & { firstLine: number };
  span: LineSpan;
}

/** The chunks that hold lines of a range, by rising line; without their text where it is not wanted. */
export async function readChunks(
  sql: Sql,
  runKey: number,
  { firstLine, lastLine }: LineRange,
  withText: boolean,
): Promise<ChunkPart[]> {
  const [run, first, last] = [runKey, firstLine, lastLine].map(wholeNumber);
  const rows = await copyRows(
    sql,
    `select first_line, min_at, max_at, line_count::int8, text_bytes::int8, codec::int8, facets::text, attrs,
      ${withText ? 'body' : "''::bytea"}
    from log_chunks
    where run_key = ${run} and first_line <= ${last} and first_line >= coalesce(
      (select max(first_line) from log_chunks where run_key = ${run} and first_line <= ${first}), ${first})
    order by first_line`,
  );
  return rows.map((fields) => toPart(fields, firstLine, lastLine));
}

function toPart(fields: readonly Buffer[], from: number, to: number): ChunkPart {
  const [firstLine = 0, minUs = 0, maxUs = 0, lineCount = 0, textBytes = 0, codec = 0] = fields
    .slice(0, 6)
    .map((field) => Number(field.readBigInt64BE()));
  const [facets = EMPTY, attrs = EMPTY, body = EMPTY] = fields.slice(6);
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
    },
    span: { from: Math.min(lineCount, Math.max(0, from - firstLine)), to: Math.min(lineCount, to - firstLine + 1) },
  };
}

const EMPTY = Buffer.alloc(0);

/** A number as SQL text, and nothing else. */
function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
  return String(value);
}
