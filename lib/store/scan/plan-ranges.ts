import type { ChunkSummary } from '@/lib/store/chunk-index';
import type { LineRange } from './scan-task';

export interface RangeBounds {
  /** Chunks of the first task; each further one may have twice as many as the one before, up to `chunksMax`. */
  chunksFirst: number;
  chunksMax: number;
  /** Text of one task; a single chunk may exceed it. */
  bytesMax: number;
}

/** Lines `from` to `to` (inclusive) of some chunks as ranges, those of one task together, ascending. What lies between the chunks is in none. */
export function* planRanges(
  chunks: Iterable<ChunkSummary>,
  from: number,
  to: number,
  { chunksFirst, chunksMax, bytesMax }: RangeBounds,
): Generator<LineRange[]> {
  let ranges: LineRange[] = [];
  let chunksTaken = 0;
  let bytes = 0;
  let most = chunksFirst;
  for (const chunk of chunks) {
    const firstLine = Math.max(from, chunk.firstLine);
    const lastLine = Math.min(to, chunk.firstLine + chunk.lineCount - 1);
    if (firstLine > lastLine) continue;
    if (ranges.length > 0 && (chunksTaken === most || bytes + chunk.textBytes > bytesMax)) {
      yield ranges;
      ranges = [];
      chunksTaken = 0;
      bytes = 0;
      most = Math.min(chunksMax, most * 2);
    }
    const before = ranges.at(-1);
    if (before?.lastLine === firstLine - 1) before.lastLine = lastLine;
    else ranges.push({ firstLine, lastLine });
    chunksTaken += 1;
    bytes += chunk.textBytes;
  }
  if (ranges.length > 0) yield ranges;
}
