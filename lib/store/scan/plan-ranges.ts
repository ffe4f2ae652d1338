import type { ChunkSummary } from '@/lib/store/chunk-index';
import type { LineRange } from './scan-task';

export interface RangeBounds {
  /** Chunks of the first range; each further one may have twice as many as the one before, up to `chunksMax`. */
  chunksFirst: number;
  chunksMax: number;
  /** Text of one range; a single chunk may exceed it. */
  bytesMax: number;
}

/** Lines `from` to `to` (inclusive) of some chunks as ranges for one task each, ascending. What lies between the chunks is in none. */
export function* planRanges(
  chunks: Iterable<ChunkSummary>,
  from: number,
  to: number,
  { chunksFirst, chunksMax, bytesMax }: RangeBounds,
): Generator<LineRange> {
  let range: LineRange | undefined;
  let inRange = 0;
  let bytes = 0;
  let most = chunksFirst;
  for (const chunk of chunks) {
    const firstLine = Math.max(from, chunk.firstLine);
    const lastLine = Math.min(to, chunk.firstLine + chunk.lineCount - 1);
    if (firstLine > lastLine) continue;
    const isNext = range !== undefined && firstLine === range.lastLine + 1;
    if (range && isNext && inRange < most && bytes + chunk.textBytes <= bytesMax) {
      range.lastLine = lastLine;
      inRange += 1;
      bytes += chunk.textBytes;
      continue;
    }
    if (range) {
      yield range;
      most = Math.min(chunksMax, most * 2);
    }
    range = { firstLine, lastLine };
    inRange = 1;
    bytes = chunk.textBytes;
  }
  if (range) yield range;
}
