import { StratalError } from '@/lib/errors/stratal-error';
import { inOrder } from './in-order';
import { planRanges } from './plan-ranges';
import { toScanFilter } from './scan-filter';
import type { RenderQuery } from './scan-query';
import type { ScanSource } from './search-lines';

/** About what a piece of a file holds, so that readers who take nothing cost little. */
const BOUNDS = { chunksFirst: 64, chunksMax: 64, bytesMax: 1024 * 1024 };
/** Pieces made beyond the one that is being sent. */
const AHEAD = 3;

/**
 * Lines `firstLine` to `lastLine` that pass the filter as bytes of a file, in order, made only as fast as they are taken. Where lines were deleted
 * meanwhile it fails with STRATAL_NO_LINES: a file that just ended, or went on later, would seem whole.
 */
export async function* renderLines(
  { index, pool }: ScanSource,
  query: RenderQuery,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { run, format, firstLine, lastLine } = query;
  const filter = toScanFilter(query.filter);
  const { chunks } = await index.read(run.key, firstLine);
  const plan = planRanges(chunks, firstLine, lastLine, BOUNDS);
  let next = firstLine;
  for await (const { item: ranges, result } of inOrder(plan, AHEAD, (ranges) =>
    pool.run({ kind: 'render', run, ranges, filter, format }, signal),
  )) {
    const last = ranges.at(-1)?.lastLine ?? next;
    if (ranges.length > 1 || ranges[0]?.firstLine !== next || result.lines !== last - next + 1)
      throw gone(run.id, next);
    for (const piece of result.pieces) if (piece.byteLength > 0) yield piece;
    next = last + 1;
  }
  if (next <= lastLine) throw gone(run.id, next);
}

function gone(runId: string, line: number): StratalError {
  return new StratalError(
    'STRATAL_NO_LINES',
    `Lines of job run ${runId} from ${line} on were deleted during the download.`,
  );
}
