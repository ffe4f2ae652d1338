import type { LineRange } from '@/lib/protocol/line-range';

/** An end of a selection: a line, and how much of its text is before that end, in UTF-16 units. */
export interface TextPlace {
  line: number;
  offset: number;
}

/**
 * What a reader has selected in a list that holds only some of its rows in the page. `unfinished`: it begins in a line that its
 * program has not ended, which has no number yet.
 */
export type SelectedText =
  | { kind: 'between'; anchor: TextPlace; focus: TextPlace }
  | { kind: 'unfinished' }
  | { kind: 'all' };

/**
 * The lines that a selection touches. One that ends before the first character of a line does not touch it: that is how
 * browsers select a whole line.
 */
export function linesBetween(anchor: TextPlace, focus: TextPlace): LineRange {
  const [start, end] = anchor.line <= focus.line ? [anchor, focus] : [focus, anchor];
  const last = end.line > start.line && end.offset === 0 ? end.line - 1 : end.line;
  return { first: start.line, last };
}

/** Whether a point of the page is in a line that its program has not ended. */
export function isUnfinished(node: Node | null): boolean {
  const element = node instanceof Element ? node : node?.parentElement;
  return element?.closest('[data-partial]') != null;
}

/** Where in a row's message a point of the page is; undefined where it is in no row. */
export function placeOf(node: Node | null, offset: number): TextPlace | undefined {
  const element = node instanceof Element ? node : node?.parentElement;
  const row = element?.closest<HTMLElement>('[data-line]');
  const message = row?.querySelector('.log-message');
  if (!node || !row || !message) return undefined;
  const line = Number(row.dataset.line);
  const range = document.createRange();
  range.selectNodeContents(message);
  const side = range.comparePoint(node, offset);
  if (side < 0) return { line, offset: 0 };
  if (side === 0) range.setEnd(node, offset);
  return { line, offset: range.toString().length };
}
