import { escapeForRegExp } from './text-matcher';
import type { QueryTerm } from './text-query-terms';
import { rarestSet, requiredLiterals, shortest } from './text-regex-literal';

/**
 * A native pattern that finds something in every stripped message that matches a query: where it finds nothing, the matchers need not look.
 * It is a choice of fixed texts, so it takes linear time and means the same wherever in a longer text the message stands.
 */
export interface CandidatePattern {
  /** With the flag `g`; whoever uses it sets `lastIndex`. */
  readonly pattern: RegExp;
  /** True where what it finds in a message are the query's ranges: nothing else is asked. */
  readonly isExact: boolean;
}

/** As long as a text may be for the native engine to look for it in any case (see `literalMatcher`). */
const CHARS_MAX = 64;

/** The candidates of a query's terms, those that exclude included; undefined where no text is required. */
export function candidatePattern(terms: readonly QueryTerm[], caseSensitive: boolean): CandidatePattern | undefined {
  const asking = terms.filter((term) => term.exclude || term.kind !== 'text' || term.text !== '');
  let best: readonly string[] | undefined;
  let isExact = false;
  for (const term of asking) {
    if (term.exclude) continue;
    const texts = requiredTexts(term, caseSensitive);
    if (!texts || texts.includes('') || shortest(texts) <= shortest(best)) continue;
    best = texts;
    isExact = asking.length === 1 && term.kind === 'text' && texts[0] === term.text;
  }
  if (!best) return undefined;
  const source = best.map(escapeForRegExp).join('|');
  return { pattern: new RegExp(source, caseSensitive ? 'gu' : 'giu'), isExact };
}

/** Texts of which one is in each message that the term matches. */
function requiredTexts(term: QueryTerm, caseSensitive: boolean): readonly string[] | undefined {
  switch (term.kind) {
    case 'text':
      return term.text.length <= CHARS_MAX || caseSensitive ? [term.text] : [longestAscii(term.text)];
    case 'regex':
      return rarestSet(requiredLiterals(term.pattern))?.map((text) => text.slice(0, CHARS_MAX));
    case 'field': {
      // As `fieldMatcher` looks at it: a name may be written with escapes in JSON.
      const name = term.name.split('.').findLast((part) => !/^\d*$/.test(part)) ?? '';
      return [[...name].slice(0, CHARS_MAX / 2).join(''), '\\'];
    }
  }
}

/** The longest piece of ASCII: longer texts are compared by another engine, whose folding of other letters may differ. */
function longestAscii(text: string): string {
  const pieces = text.match(/[\0-\x7f]+/g) ?? [''];
  return pieces.reduce((longest, piece) => (piece.length > longest.length ? piece : longest)).slice(0, CHARS_MAX);
}
