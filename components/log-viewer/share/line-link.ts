import { formatLineHash, type LineRange } from '@/components/log-viewer/line-hash';

const LINE_PARAMETER = /^(\d{1,15})(?:-(\d{1,15}))?$/;

/** The range in `?line=120-134` or `?line=120`; undefined where it is none. */
export function parseLineParameter(text: string): LineRange | undefined {
  const match = LINE_PARAMETER.exec(text);
  if (!match) return undefined;
  const a = Number(match[1]);
  const b = Number(match[2] ?? match[1]);
  if (a === 0 || b === 0) return undefined;
  return { first: Math.min(a, b), last: Math.max(a, b) };
}

/** A range as the API and `?line=` have it. */
export function formatLineParameter({ first, last }: LineRange): string {
  return first === last ? String(first) : `${first}-${last}`;
}

/**
 * The address that shows these lines: the server renders them, and the hash marks them. The view's filters are no part of
 * it, so that the lines are shown whatever the sender was looking for.
 */
export function lineLink(base: string, jobRunId: string, range: LineRange): string {
  return `${base}/job-runs/${encodeURIComponent(jobRunId)}?line=${formatLineParameter(range)}${formatLineHash(range)}`;
}
