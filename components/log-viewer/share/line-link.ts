import { formatLineHash } from '@/components/log-viewer/line-hash';
import type { LineRange } from '@/lib/protocol/line-range';
import { runPagePath } from '@/lib/protocol/run-page-path';

/** A range as the API and `?line=` have it. */
export function formatLineParameter({ first, last }: LineRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}

/**
 * The address that shows these lines: the server renders them, and the hash marks them. The view's filters are no part of
 * it, so that the lines are shown whatever the sender was looking for.
 */
export function lineLink(base: string, jobRunId: string, range: LineRange): string {
  return `${base}${runPagePath(jobRunId)}?line=${formatLineParameter(range)}${formatLineHash(range)}`;
}
