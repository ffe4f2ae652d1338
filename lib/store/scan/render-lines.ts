import { StratalError } from '@/lib/errors/stratal-error';
import type { LinesAround } from '@/lib/protocol/lines-around';
import { aroundUnder } from '@/lib/store/around/around-under';
import { TRACE_REACH } from '@/lib/store/around/trace-search';
import { inOrder } from './in-order';
import { planRanges } from './plan-ranges';
import { type Reach, reachBeyond } from './reach-beyond';
import { toScanFilter } from './scan-filter';
import type { RenderQuery } from './scan-query';
import type { LineRange } from './scan-task';
import type { ScanSource } from './search-lines';

const MIB = 1024 * 1024;
/** About what a piece of a file holds, so that readers who take nothing cost little. */
const BOUNDS = { chunksFirst: 64, chunksMax: 64, bytesMax: MIB };
/** Where the chunks beside each piece are read too. */
const BOUNDS_AROUND = { ...BOUNDS, bytesMax: 2 * MIB };
/** The longest lines are too long to look through as many of them as traces may have. */
const TRACE_BYTES_MAX = 16 * MIB;
/** Pieces made beyond the one that is being sent. */
const AHEAD = 3;

/**
 * Lines `firstLine` to `lastLine` that pass the filter, or come with those that do, as bytes of a file, in order, made only as fast as they are
 * taken. Where lines were deleted meanwhile it fails with STRATAL_NO_LINES: a file that just ended, or went on later, would seem whole.
 */
export async function* renderLines(
  { index, pool }: ScanSource,
  query: RenderQuery,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { run, format, firstLine, lastLine, within } = query;
  const filter = toScanFilter(query.filter);
  const around = aroundUnder(query.filter, query.around);
  const reach = reachOf(around);
  const { chunks } = await index.read(run.key, Math.max(run.firstLine, firstLine - reach.lines));
  const plan = planRanges(chunks, firstLine, lastLine, around ? BOUNDS_AROUND : BOUNDS);
  const widen = reachBeyond(chunks, run, reach);
  let next = firstLine;
  for await (const { item, result } of inOrder(pieces(plan), AHEAD, ({ ranges, part, read }) =>
    pool.run(
      around
        ? { kind: 'render', run, ranges: [read], filter, format, part: { ...part, around, within } }
        : { kind: 'render', run, ranges, filter, format },
      signal,
    ),
  )) {
    const { ranges, part, read } = item;
    const isWhole = ranges.length === 1 && result.lines === read.lastLine - read.firstLine + 1;
    if (part.firstLine !== next || !isWhole) throw gone(run.id, next);
    for (const piece of result.pieces) if (piece.byteLength > 0) yield piece;
    next = part.lastLine + 1;
  }
  if (next <= lastLine) throw gone(run.id, next);

  /** What each task makes, and which lines it reads for that. */
  function* pieces(of: Iterable<LineRange[]>) {
    for (const ranges of of) {
      const part = { firstLine: ranges[0]?.firstLine ?? next, lastLine: ranges.at(-1)?.lastLine ?? next };
      yield { ranges, part, read: around ? widen(part) : part };
    }
  }
}

function reachOf(around: LinesAround | undefined): Reach {
  if (around?.kind === 'traces') return { lines: TRACE_REACH, bytesMax: TRACE_BYTES_MAX };
  return { lines: around?.lines ?? 0, bytesMax: Number.POSITIVE_INFINITY };
}

function gone(runId: string, line: number): StratalError {
  return new StratalError(
    'STRATAL_NO_LINES',
    `Lines of job run ${runId} from ${line} on were deleted during the download.`,
  );
}
