/** [start, end) in UTF-16 units. */
export type TextRange = [number, number];

/** One compiled term of a query. It keeps no state between calls. */
export interface TextMatcher {
  test(text: string): boolean;
  /** Adds the matches in `text`; in no promised order, perhaps overlapping, never empty ones. */
  addRanges(text: string, ranges: TextRange[]): void;
}

/** The text as a source of a native regular expression with the flag `u`. */
export function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** Adds all matches of a native regular expression, which must have the flag `g`. */
export function addNativeRanges(pattern: RegExp, text: string, ranges: TextRange[]): void {
  for (const match of text.matchAll(pattern)) {
    if (match[0].length > 0) ranges.push([match.index, match.index + match[0].length]);
  }
}

/** The same ranges sorted, and those that overlap as one; touching ones stay apart, as they are two matches. */
export function mergeRanges(ranges: TextRange[]): TextRange[] {
  ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const merged: TextRange[] = [];
  let last: TextRange | undefined;
  for (const range of ranges) {
    if (last && (range[0] < last[1] || (range[0] === last[0] && range[1] === last[1]))) {
      last[1] = Math.max(last[1], range[1]);
    } else {
      last = [range[0], range[1]];
      merged.push(last);
    }
  }
  return merged;
}
