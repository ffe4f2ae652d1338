import { CHUNK_BYTES_MAX, CHUNK_LINES_TARGET } from '@/lib/config/limits';

/** A stored chunk's place and size. */
export interface ChunkSize {
  first_line: number;
  line_count: number;
  text_bytes: number;
}

/** Adjacent chunks that become one. */
export interface MergePlan {
  firstLine: number;
  chunks: number;
  lines: number;
}

/**
 * Which adjacent chunks to merge: groups that reach a chunk's bounds, and groups of at least `chunksMin` smaller ones, so that a line is
 * written again only a few times on its way into a full chunk. Chunks over half the target stay as they are.
 */
export function planMerges(chunks: readonly ChunkSize[], chunksMin: number): MergePlan[] {
  const plans: MergePlan[] = [];
  let group: ChunkSize[] = [];
  let lines = 0;
  let bytes = 0;
  const close = (isFull: boolean) => {
    const [first] = group;
    if (first && group.length >= (isFull ? 2 : chunksMin))
      plans.push({ firstLine: first.first_line, chunks: group.length, lines });
    group = [];
    lines = 0;
    bytes = 0;
  };
  for (const chunk of chunks) {
    const overflows = lines + chunk.line_count > CHUNK_LINES_TARGET || bytes + chunk.text_bytes > CHUNK_BYTES_MAX;
    const isLargeChunk = isLarge(chunk);
    if (isLargeChunk || overflows) close(true);
    if (isLargeChunk) continue;
    group.push(chunk);
    lines += chunk.line_count;
    bytes += chunk.text_bytes;
  }
  close(false);
  return plans;
}

/** Too large to be joined to another. */
export function isLarge({ line_count: lines, text_bytes: bytes }: ChunkSize): boolean {
  return lines * 2 > CHUNK_LINES_TARGET || bytes * 2 > CHUNK_BYTES_MAX;
}
