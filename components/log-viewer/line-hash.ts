import type { LineRange } from '@/lib/protocol/line-range';

export function formatLineHash({ first, last }: LineRange): string {
  return first === last ? `#L${first}` : `#L${first}-L${last}`;
}

/** The selection after a click on a line's number: that line, or with `extend` from the first selected one to it. */
export function selectLine(current: LineRange | undefined, line: number, extend: boolean): LineRange {
  if (!extend || !current) return { first: line, last: line };
  return { first: Math.min(current.first, line), last: Math.max(current.first, line) };
}
