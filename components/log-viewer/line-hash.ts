/** The lines that a permalink names: `#L42`, or `#L42-L50`. */
export interface LineRange {
  first: number;
  last: number;
}

const HASH = /^#L(\d{1,15})(?:-L?(\d{1,15}))?$/;

/** The range in a URL's hash, or undefined where it names none. */
export function parseLineHash(hash: string): LineRange | undefined {
  const match = HASH.exec(hash);
  if (!match) return undefined;
  const a = Number(match[1]);
  const b = match[2] === undefined ? a : Number(match[2]);
  if (a === 0 || b === 0) return undefined;
  return { first: Math.min(a, b), last: Math.max(a, b) };
}

export function formatLineHash({ first, last }: LineRange): string {
  return first === last ? `#L${first}` : `#L${first}-L${last}`;
}

/** The selection after a click on a line's number: that line, or with `extend` from the first selected one to it. */
export function selectLine(current: LineRange | undefined, line: number, extend: boolean): LineRange {
  if (!extend || !current) return { first: line, last: line };
  return { first: Math.min(current.first, line), last: Math.max(current.first, line) };
}
