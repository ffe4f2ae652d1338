import type { ChunkSummary } from '@/lib/store/chunk-index';
import type { LineRange } from './scan-task';

/** How far beyond a part of a run is looked, on each side. */
export interface Reach {
  lines: number;
  /** Text of the chunks that are read for it: lines of chunks beyond are left. */
  bytesMax: number;
}

/** A function that widens parts of a run, which ascend as the chunks do, by the lines around them; to none outside the bounds. */
export function reachBeyond(
  chunks: readonly ChunkSummary[],
  bounds: LineRange,
  { lines, bytesMax }: Reach,
): (part: LineRange) => LineRange {
  let at = 0;
  return (part) => {
    let firstLine = Math.max(bounds.firstLine, part.firstLine - lines);
    let lastLine = Math.min(bounds.lastLine, part.lastLine + lines);
    while (at < chunks.length && endOf(chunks[at]) < part.firstLine) at += 1;
    for (let above = at - 1, bytes = 0; above >= 0 && endOf(chunks[above]) >= firstLine; above--) {
      bytes += chunks[above]?.textBytes ?? 0;
      if (bytes > bytesMax) firstLine = endOf(chunks[above]) + 1;
    }
    while (at < chunks.length && endOf(chunks[at]) < part.lastLine) at += 1;
    for (let below = at + 1, bytes = 0; below < chunks.length; below++) {
      const begins = chunks[below]?.firstLine ?? 0;
      if (begins > lastLine) break;
      bytes += chunks[below]?.textBytes ?? 0;
      if (bytes > bytesMax) lastLine = begins - 1;
    }
    return { firstLine, lastLine };
  };
}

function endOf(chunk: ChunkSummary | undefined): number {
  return chunk ? chunk.firstLine + chunk.lineCount - 1 : 0;
}
