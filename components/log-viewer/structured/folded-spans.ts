import type { Mark } from '@/components/log-viewer/marked-spans';
import type { Span } from '@/lib/terminal/span-list';

/** UTF-16 units that a folded line shows. */
export const FOLDED_CHARS = 4000;
/** A line is folded where this many units more are hidden: a fold must be worth its button. */
const HIDDEN_CHARS_MIN = 1000;
/** Pieces of one style each that a folded line shows: a program may give every character a colour of its own. */
const FOLDED_SPANS = 400;
/** How far the cut goes back to leave a user-perceived character whole. */
const CUT_BACK_CHARS_MAX = 40;

const JOINS_PREVIOUS = /^(?:\p{M}|\p{Emoji_Modifier}|\u200d)/u;

export interface FoldedSpans {
  shown: readonly Span[];
  hidden: readonly Span[];
}

/**
 * Cuts the spans of a long line after `FOLDED_CHARS` units or `FOLDED_SPANS` spans, each part with its style; undefined where the line
 * is short enough to be shown whole. Surrogate pairs and, within reason, characters of several code points stay whole.
 */
export function foldSpans(spans: readonly Span[]): FoldedSpans | undefined {
  const length = spans.reduce((sum, span) => sum + span.text.length, 0);
  const isLong = length >= FOLDED_CHARS + HIDDEN_CHARS_MIN;
  if (!isLong && spans.length < 2 * FOLDED_SPANS) return undefined;
  const shown: Span[] = [];
  const hidden: Span[] = [];
  let left = FOLDED_CHARS;
  for (const [index, span] of spans.entries()) {
    if (index >= FOLDED_SPANS) left = 0;
    const cut = left >= span.text.length ? span.text.length : cutBefore(span.text, Math.max(left, 0));
    if (cut > 0) shown.push({ ...span, text: span.text.slice(0, cut) });
    if (cut < span.text.length) {
      const rest: Span = { ...span, text: span.text.slice(cut) };
      if (span.start !== undefined) rest.start = span.start + cut;
      hidden.push(rest);
      left = 0;
    } else {
      left -= cut;
    }
  }
  return { shown, hidden };
}

/** The greatest index up to `index` that is no inside of a character. */
function cutBefore(text: string, index: number): number {
  for (let at = index; at > 0 && at > index - CUT_BACK_CHARS_MAX; at--) {
    const code = text.charCodeAt(at);
    const isHalf = code >= 0xdc00 && code <= 0xdfff;
    const isJoined = JOINS_PREVIOUS.test(text.slice(at, at + 2)) || text[at - 1] === '\u200d';
    if (!isHalf && !isJoined) return at;
  }
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code <= 0xdfff ? index - 1 : index;
}

/** How many of the ranges (ascending, in the stripped line) are only in the hidden part. */
export function countHiddenMarks({ shown, hidden }: FoldedSpans, marks: readonly Mark[]): number {
  if (marks.length === 0) return 0;
  const isInShown = coverage(shown);
  const isInHidden = coverage(hidden);
  return marks.filter(([from, to]) => !isInShown(from, to) && isInHidden(from, to)).length;
}

/** Whether a range, of ranges asked in ascending order, meets the place of any span. */
function coverage(spans: readonly Span[]): (from: number, to: number) => boolean {
  const places = spans
    .flatMap(({ start, text }) => (start === undefined ? [] : [{ from: start, to: start + text.length }]))
    .sort((a, b) => a.from - b.from);
  let next = 0;
  return (from, to) => {
    while (next < places.length && (places[next]?.to ?? 0) <= from) next++;
    return (places[next]?.from ?? Number.POSITIVE_INFINITY) < to;
  };
}
