import { z } from 'zod';
import { LEVELS, STREAMS } from '@/lib/protocol/log-message';
import { type StoredFacet, storedFacetsSchema } from '@/lib/store/chunk-codec';
import { decodeChunk } from '@/lib/store/chunk-decode';
import { findMarks } from '@/lib/store/group-marks';
import type { LineColumns } from '@/lib/store/line-batch';
import type { RunReport } from './finding';

export const chunkRowSchema = z.object({
  first_line: z.number(),
  line_count: z.number(),
  min_at: z.number(),
  max_at: z.number(),
  facets: z.unknown(),
  text_bytes: z.number(),
  codec: z.number(),
  attrs: z.instanceof(Buffer),
  body: z.instanceof(Buffer),
  marks: z.instanceof(Buffer).nullable(),
});
export type ChunkRow = z.infer<typeof chunkRowSchema>;

/** What a chunk's own lines say. */
export interface ChunkContent {
  /** Lines per facet. */
  facets: StoredFacet[];
  /** UTF-8 bytes of the messages, without attributes. */
  messageBytes: number;
  /** Lines of stream `system`, by number. */
  systemLines: Map<number, string>;
}

/** Inflated at a time. */
const PIECE_BYTES = 64 * 1024;

const attributesSchema = z.record(z.string(), z.unknown());

/** Decodes a chunk and compares its row with its lines; undefined where it cannot be decoded. */
export async function checkChunk(row: ChunkRow, report: RunReport): Promise<ChunkContent | undefined> {
  const where = `lines ${row.first_line} to ${row.first_line + row.line_count - 1}`;
  const parsed = storedFacetsSchema.safeParse(row.facets);
  if (!parsed.success) {
    report.add('index', `${where}: the chunk's facets cannot be read.`);
    return undefined;
  }
  const stored = parsed.data;
  const sum = stored.reduce((lines, facet) => lines + facet[3], 0);
  if (sum !== row.line_count) report.add('index', `${where}: the chunk's facets count ${sum} lines.`);
  let columns: LineColumns;
  try {
    // Tasks stay the keys they are stored as, so that none is looked up. The row's size of the text is what is checked, so it sizes nothing.
    const chunk = { ...row, lineCount: row.line_count, minUs: row.min_at, facets: stored, textBytes: PIECE_BYTES };
    const read = await decodeChunk(chunk, new Map());
    columns = { ...read, message: [...read.message] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report.add('text', `${where}: the chunk cannot be decoded (${reason}).`);
    return undefined;
  }
  // A chunk without marks may be of a version that made none.
  if (row.marks !== null && !findMarks(columns.message, columns.facet)?.equals(row.marks)) {
    report.add('index', `${where}: the chunk's marks are not those of the lines that open and end groups.`);
  }
  return compare(row, stored, columns, where, report);
}

function compare(
  row: ChunkRow,
  stored: StoredFacet[],
  columns: LineColumns,
  where: string,
  report: RunReport,
): ChunkContent | undefined {
  const counts = stored.map(() => 0);
  const systemLines = new Map<number, string>();
  let [minUs, maxUs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [messageBytes, attributesBytes, strays] = [0, 0, 0];
  for (const [index, message] of columns.message.entries()) {
    const timeUs = columns.timeUs[index] ?? 0;
    minUs = Math.min(minUs, timeUs);
    maxUs = Math.max(maxUs, timeUs);
    messageBytes += Buffer.byteLength(message, 'utf8');
    const facet = columns.facet[index] ?? 0;
    const facetRow = stored[facet];
    if (facetRow === undefined) strays += 1;
    else {
      counts[facet] = (counts[facet] ?? 0) + 1;
      if (STREAMS[facetRow[1]] === 'system') systemLines.set(row.first_line + index, message);
    }
    const attributes = columns.attributes?.[index];
    if (attributes === undefined) continue;
    attributesBytes += Buffer.byteLength(attributes, 'utf8');
    if (!isAttributes(attributes)) report.add('text', `line ${row.first_line + index}: its attributes are no object.`);
  }
  const textBytes = messageBytes + attributesBytes;
  if (textBytes !== row.text_bytes) {
    report.add('text', `${where}: the chunk says ${row.text_bytes} bytes of text and holds ${textBytes}.`);
  }
  if (minUs !== row.min_at || maxUs !== row.max_at) {
    report.add('index', `${where}: the chunk's earliest or latest time is not that of its lines.`);
  }
  if (strays > 0) report.add('index', `${where}: ${strays} lines are of none of the chunk's facets.`);
  for (const [index, [task, stream, level, lines]] of stored.entries()) {
    const counted = counts[index] ?? 0;
    if (counted === lines) continue;
    const facet = `${LEVELS[level]}, ${STREAMS[stream]}${task === 0 ? '' : `, task key ${task}`}`;
    report.add('index', `${where}: the chunk says ${lines} lines of ${facet} and holds ${counted}.`);
  }
  const facets = stored.map(([task, stream, level], index): StoredFacet => [task, stream, level, counts[index] ?? 0]);
  return { facets, messageBytes, systemLines };
}

function isAttributes(json: string): boolean {
  try {
    return attributesSchema.safeParse(JSON.parse(json)).success;
  } catch {
    return false;
  }
}
