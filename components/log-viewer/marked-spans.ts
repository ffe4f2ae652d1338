import type { Span } from '@/lib/terminal/span-list';

/** [start, end) in the ANSI-stripped message, and the number of its colour where it is highlighted, not a match. */
export type Mark = readonly [start: number, end: number, color?: number];

/** A piece of a span: inside or outside a mark. */
export interface Piece {
  /** Offset in the rendered text, unique within the line. */
  key: number;
  text: string;
  span: Span;
  isMatch: boolean;
  /** The number of its colour, from 0, where it is highlighted. */
  color?: number | undefined;
}

/**
 * Cuts spans at the borders of marks. `marks` are ascending and disjoint; text that a program overwrote has no place in
 * the spans, so a mark in it is not shown.
 */
export function markSpans(spans: readonly Span[], marks: readonly Mark[]): Piece[] {
  const pieces: Piece[] = [];
  let key = 0;
  const add = (text: string, span: Span, mark?: Mark) => {
    if (text === '') return;
    const color = mark?.[2];
    pieces.push({ key, text, span, isMatch: mark !== undefined && color === undefined, color });
    key += text.length;
  };
  for (const span of spans) {
    const { start, text } = span;
    if (start === undefined || marks.length === 0) {
      add(text, span);
      continue;
    }
    let done = 0;
    for (let index = firstBeyond(marks, start); index < marks.length; index++) {
      const mark = marks[index];
      if (!mark || mark[0] >= start + text.length) break;
      const first = Math.max(mark[0] - start, done);
      const end = Math.min(mark[1] - start, text.length);
      if (first >= end) continue;
      add(text.slice(done, first), span);
      add(text.slice(first, end), span, mark);
      done = end;
    }
    add(text.slice(done), span);
  }
  return pieces;
}

/** The index of the first mark that ends beyond a place. Spans need not ascend: a program may have written over its own text. */
function firstBeyond(marks: readonly Mark[], place: number): number {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((marks[middle]?.[1] ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}
