import { MARKS_MAX } from '@/components/log-viewer/line-marks';
import type { Mark } from '@/components/log-viewer/marked-spans';
import type { TextQueryParse } from '@/lib/protocol/text-query-parse';

/** Colours that terms are shown in; each is a place in the list of terms. */
export const HIGHLIGHT_COLORS = 6;

/** Finds the parts of a message that a term names: ascending, disjoint, in UTF-16 units of the ANSI-stripped message. */
type RangesOf = (message: string) => ReadonlyArray<readonly [number, number]>;

/** A term that lines are shown with. */
export interface HighlightTerm {
  /** From 0. */
  color: number;
  rangesOf: RangesOf;
}

export interface HighlightRange {
  start: number;
  end: number;
  color: number;
}

/**
 * The list with a term in its first free place, which is its colour: a place whose text was taken out stays empty, so that
 * the others keep theirs. Unchanged where the term is in it, empty, or all places are taken.
 */
export function addHighlight(texts: readonly string[], text: string): string[] {
  const term = text.trim();
  const places = [...texts].slice(0, HIGHLIGHT_COLORS);
  if (term === '' || places.includes(term)) return places;
  const free = places.indexOf('');
  if (free !== -1) places[free] = term;
  else if (places.length < HIGHLIGHT_COLORS) places.push(term);
  return places;
}

/** The list without the term of a colour; the others keep theirs. */
export function removeHighlight(texts: readonly string[], color: number): string[] {
  const places = texts.map((text, index) => (index === color ? '' : text));
  while (places.at(-1) === '') places.pop();
  return places;
}

/** Terms ready to be looked for: each in the grammar of `q`, or, where it is not valid there, as it is written. */
export function compileHighlights(
  texts: readonly string[],
  parse: (text: string, caseSensitive: boolean) => TextQueryParse,
): HighlightTerm[] {
  const terms: HighlightTerm[] = [];
  for (const [color, text] of texts.slice(0, HIGHLIGHT_COLORS).entries()) {
    const term = text.trim();
    if (term === '') continue;
    const parsed = parse(term, false);
    const literal = parsed.ok ? parsed : parse(`"${term.replace(/["\\]/g, '\\$&')}"`, false);
    const query = literal.ok ? literal.query : undefined;
    if (query) terms.push({ color, rangesOf: (message) => (query.matches(message) ? query.ranges(message) : []) });
  }
  return terms;
}

/** The parts of a message to show in a colour: ascending and disjoint; where terms meet, the earlier one has the text. */
export function highlightRanges(terms: readonly HighlightTerm[], message: string): HighlightRange[] {
  return coloredMarks(terms, message, []).map(([start, end, color = 0]) => ({ start, end, color }));
}

/** The matches of a search with highlights in the text that they leave: ascending and disjoint. */
export function coloredMarks(
  terms: readonly HighlightTerm[],
  message: string,
  matches: ReadonlyArray<readonly [number, number, number?]>,
): Mark[] {
  let marks: Mark[] = [...matches];
  for (const { color, rangesOf } of terms) {
    const ranges = rangesOf(message).slice(0, MARKS_MAX);
    if (ranges.length > 0) marks = fillGaps(marks, ranges, color);
  }
  return marks;
}

/** The marks, and of the ranges what none of them covers; all lists are ascending and disjoint. */
function fillGaps(marks: Mark[], ranges: ReadonlyArray<readonly [number, number]>, color: number): Mark[] {
  const added: Mark[] = [];
  let next = 0;
  for (const [start, end] of ranges) {
    let at = start;
    while ((marks[next]?.[1] ?? Number.POSITIVE_INFINITY) <= start) next += 1;
    for (let index = next; at < end; index++) {
      const [from, to] = marks[index] ?? [end, end];
      if (from > at) added.push([at, Math.min(from, end), color]);
      at = Math.max(at, from >= end ? end : to);
    }
  }
  return added.length === 0 ? marks : [...marks, ...added].sort((a, b) => a[0] - b[0]);
}
