/** Lines of a run by their numbers, both inclusive, from 1. */
export interface LineRange {
  first: number;
  last: number;
}

const PARAMETER = /^(\d{1,15})(?:-(\d{1,15}))?$/;
const HASH = /^#L(\d{1,15})(?:-L?(\d{1,15}))?$/;

/** The range that `120-134` or `120` names, as the API's `lines` and a page's `line` have it; undefined where it is none. */
export function parseLineParameter(text: string): LineRange | undefined {
  return rangeOf(PARAMETER.exec(text));
}

/** The range in the hash of a page's address, `#L42` or `#L42-L50`; undefined where it names none. */
export function parseLineHash(hash: string): LineRange | undefined {
  return rangeOf(HASH.exec(hash));
}

function rangeOf(match: RegExpExecArray | null): LineRange | undefined {
  if (!match) return undefined;
  const a = Number(match[1]);
  const b = Number(match[2] ?? match[1]);
  if (a === 0 || b === 0) return undefined;
  return { first: Math.min(a, b), last: Math.max(a, b) };
}
