import type { LineFilter } from '@/lib/protocol/filter';
import { isUnfiltered, matchesLine } from '@/lib/protocol/filter-match';
import { decodeAttrs, decodeChunkSync, inflateBody, type LineAttrs, toFacet } from '@/lib/store/chunk-decode';
import { LineBatch, type TaskRef } from '@/lib/store/line-batch';
import type { RunRef } from '@/lib/store/store';
import type { LineSpan } from '@/lib/store/text-pieces';
import { formatLine, type LineFormat } from './format-line';
import type { ScannedChunk } from './search-chunk';

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
    if (matchesLine(filter, batch.facet(index), batch.timeUs(index), batch.message(index)))
      text += formatLine(batch, index, format);
  }
  return Buffer.from(text, 'utf8');
}

/** The stored bytes themselves, with a line feed behind each line that ends. */
function copyRaw(chunk: ScannedChunk, span: LineSpan, tasks: ReadonlyMap<number, TaskRef>): Uint8Array {
  const { lineCount } = chunk;
  const body = inflateBody(chunk, lineCount);
  const attrs = decodeAttrs(chunk);
  const isSystem = chunk.facets.map((stored) => toFacet(stored, tasks).stream === 'system');
  const takesAll = span.from === 0 && span.to === lineCount && !isSystem.includes(true);
  const isRoomBehind =
    body.byteOffset + body.length + lineCount <= body.buffer.byteLength && body.length > Buffer.poolSize;
  if (takesAll && isRoomBehind) return spreadOut(body, attrs);

  const bytes = new Uint8Array(body.length + lineCount);
  let read = 0;
  let written = 0;
  for (let index = 0; index < span.to; index++) {
    const end = read + (attrs.lengths[index] ?? 0);
    if (index >= span.from && isSystem[attrs.facet[index] ?? 0] !== true) {
      bytes.set(body.subarray(read, end), written);
      written += end - read;
      if (attrs.continues[index] !== 1) bytes[written++] = LINE_FEED;
    }
    read = end;
  }
  return bytes.subarray(0, written);
}

/** Moves the lines apart in their own memory, the last one first: memory of its own would cost as much as inflating does. */
function spreadOut(body: Buffer, { lengths, continues }: LineAttrs): Uint8Array {
  let ends = 0;
  for (let index = 0; index < lengths.length; index++) if (continues[index] !== 1) ends++;
  const bytes = new Uint8Array(body.buffer, body.byteOffset, body.length + ends);
  let read = body.length;
  let written = bytes.length;
  for (let index = lengths.length - 1; index >= 0; index--) {
    if (continues[index] !== 1) bytes[--written] = LINE_FEED;
    const start = read - (lengths[index] ?? 0);
    written -= read - start;
    bytes.copyWithin(written, start, read);
    read = start;
  }
  return bytes;
}
