import type { LineFilter } from '@/lib/protocol/filter';
import { isUnfiltered, matchesLine } from '@/lib/protocol/filter-match';
import { formatTimestamp } from '@/lib/protocol/timestamp';
import { decodeAttrs, decodeChunkSync, inflateBody, toFacet } from '@/lib/store/chunk-decode';
import { LineBatch, type TaskRef } from '@/lib/store/line-batch';
import type { RunRef } from '@/lib/store/store';
import type { LineSpan, ScannedChunk } from './search-chunk';

/** text: time and message. raw: what the programs wrote. ndjson: as the history has it. */
export type LineFormat = 'text' | 'raw' | 'ndjson';

const LINE_FEED = 10;

/** The lines of a span that pass the filter, as bytes of a file. */
export function renderChunk(
  chunk: ScannedChunk & { firstLine: number },
  span: LineSpan,
  { run, format, filter }: { run: RunRef; format: LineFormat; filter: LineFilter },
  tasks: ReadonlyMap<number, TaskRef>,
): Uint8Array {
  if (format === 'raw' && isUnfiltered(filter)) return copyRaw(chunk, span, tasks);
  const batch = new LineBatch(run, chunk.firstLine, decodeChunkSync(chunk, tasks), chunk.textBytes);
  let text = '';
  for (let index = span.from; index < span.to; index++) {
    const facet = batch.facet(index);
    if (format === 'raw' && facet.stream === 'system') continue;
    if (!matchesLine(filter, facet, batch.timeUs(index), batch.message(index))) continue;
    if (format === 'ndjson') text += `${batch.toJson(index)}\n`;
    else if (format === 'text') text += `${formatTimestamp(batch.timeUs(index))} ${batch.message(index)}\n`;
    else text += batch.continues(index) ? batch.message(index) : `${batch.message(index)}\n`;
  }
  return Buffer.from(text, 'utf8');
}

/** The stored bytes themselves, with a line feed behind each line that ends. */
function copyRaw(chunk: ScannedChunk, { from, to }: LineSpan, tasks: ReadonlyMap<number, TaskRef>): Uint8Array {
  const body = inflateBody(chunk);
  const { facet, lengths, continues } = decodeAttrs(chunk);
  const isSystem = chunk.facets.map((stored) => toFacet(stored, tasks).stream === 'system');
  const bytes = new Uint8Array(body.length + lengths.length);
  let read = 0;
  let written = 0;
  for (let index = 0; index < to; index++) {
    const end = read + (lengths[index] ?? 0);
    if (index >= from && isSystem[facet[index] ?? 0] !== true) {
      bytes.set(body.subarray(read, end), written);
      written += end - read;
      if (continues[index] !== 1) bytes[written++] = LINE_FEED;
    }
    read = end;
  }
  return bytes.subarray(0, written);
}
