import { type ChunkIndexReader, countMatching, facetMatcher } from '@/lib/store/chunk-index';
import { inOrder } from './in-order';
import { planRanges } from './plan-ranges';
import { toScanFilter } from './scan-filter';
import type { ScanPool } from './scan-pool';
import type { SearchPiece, SearchQuery } from './scan-query';
import type { LineRange, ScanResults } from './scan-task';

export interface ScanSource {
  index: ChunkIndexReader;
  pool: ScanPool;
}

/** Small at first, so that what is found in the beginning is there at once; then large enough that asking costs little. */
const BOUNDS = { chunksFirst: 2, chunksMax: 16, bytesMax: 8 * 1024 * 1024 };

/**
 * The lines of (`afterLine`, `lastLine`] that pass the filter, piece by piece in order, until there are `limit` of them. Reads as fast as the pieces
 * are taken. Lines that are deleted meanwhile are left out.
 */
export async function* searchLines(
  { index, pool }: ScanSource,
  query: SearchQuery,
  signal: AbortSignal,
): AsyncGenerator<SearchPiece> {
  const { run, filter } = query;
  const scanFilter = toScanFilter(filter);
  const { chunks: all, tasks } = await index.read(run.key, query.afterLine + 1);
  const matches = facetMatcher(filter, tasks);
  const chunks = all.filter((chunk) => countMatching(chunk, filter, matches) !== 0);
  let left = query.limit;
  const search = (ranges: readonly LineRange[]) =>
    pool.run({ kind: 'search', run, ranges, filter: scanFilter, limit: left }, signal);

  const plan = planRanges(chunks, query.afterLine + 1, query.lastLine, BOUNDS);
  for await (const { item, result } of inOrder(plan, pool.tasksAhead, search)) {
    for (let answer = result; ; ) {
      const piece = toPiece(answer, left);
      left -= piece.count;
      yield piece;
      if (left === 0) return;
      const rest = behind(item, piece.lastLine);
      if (rest.length === 0) break;
      // The answer was cut at its bound.
      answer = await search(rest);
    }
  }
  yield { count: 0, ndjson: new Uint8Array(), lastLine: query.lastLine };
}

/** What of the ranges lies behind a line. */
function behind(ranges: readonly LineRange[], line: number): LineRange[] {
  return ranges
    .filter(({ lastLine }) => lastLine > line)
    .map(({ firstLine, lastLine }) => ({ firstLine: Math.max(firstLine, line + 1), lastLine }));
}

/** The first `limit` matches of an answer. It may have more: tasks are begun before it is known what those before them find. */
function toPiece({ ids, ndjson, lastLine }: ScanResults['search'], limit: number): SearchPiece {
  if (ids.length < limit) return { count: ids.length, ndjson, lastLine };
  let end = 0;
  for (let line = 0; line < limit; line++) end = ndjson.indexOf(LINE_FEED, end) + 1;
  return { count: limit, ndjson: ndjson.subarray(0, end), lastLine: ids[limit - 1] ?? lastLine };
}

const LINE_FEED = 10;
