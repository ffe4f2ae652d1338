/** Some of a chunk's lines by index: [from, to). */
export interface LineSpan {
  from: number;
  to: number;
}

/**
 * Bytes of a chunk's text that become one string. Strings over some 100 KB are given memory pages of their own by the engine: measured, making one
 * took 50 to 100 times as long as the same text in pieces of this size.
 */
const PIECE_BYTES = 64 * 1024;

/** Whole lines of the span, about PIECE_BYTES together; `start` and `end` are their place in the chunk's body. */
export function* piecesOf(
  lengths: Uint32Array,
  { from: first, to: last }: LineSpan,
): Generator<LineSpan & { start: number; end: number }> {
  let from = first;
  let start = 0;
  for (let index = 0; index < first; index++) start += lengths[index] ?? 0;
  let end = start;
  for (let index = first; index < last; index++) {
    const bytes = lengths[index] ?? 0;
    if (index > from && end + bytes - start > PIECE_BYTES) {
      yield { from, to: index, start, end };
      from = index;
      start = end;
    }
    end += bytes;
  }
  if (from < last) yield { from, to: last, start, end };
}
