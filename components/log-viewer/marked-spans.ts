import type { Span } from '@/lib/terminal/span-list';

/** A piece of a span: inside or outside a match. */
export interface Piece {
  /** Offset in the rendered text, unique within the line. */
  key: number;
  text: string;
  span: Span;
  isMatch: boolean;
}

/**
 * Cuts spans at the borders of matches. `ranges` are ascending, disjoint [start, end) in the ANSI-stripped message; text
 * that a program overwrote has no place in the spans, so a match in it is not shown.
 */
export function markSpans(spans: readonly Span[], ranges: ReadonlyArray<readonly [number, number]>): Piece[] {
  const pieces: Piece[] = [];
  let key = 0;
  const add = (text: string, span: Span, isMatch: boolean) => {
    if (text === '') return;
    pieces.push({ key, text, span, isMatch });
    key += text.length;
  };
  for (const span of spans) {
    const { start, text } = span;
    if (start === undefined || ranges.length === 0) {
      add(text, span, false);
      continue;
    }
    let done = 0;
    for (const [from, to] of ranges) {
      const first = Math.max(from - start, done);
      const end = Math.min(to - start, text.length);
      if (first >= end) continue;
      add(text.slice(done, first), span, false);
      add(text.slice(first, end), span, true);
      done = end;
    }
    add(text.slice(done), span, false);
  }
  return pieces;
}
