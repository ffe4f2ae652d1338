import { stripAnsi } from '@/lib/terminal/strip-ansi';
import { type CandidatePattern, candidatePattern } from './text-candidates';
import { fieldMatcher } from './text-field';
import { literalMatcher } from './text-literal';
import { mergeRanges, type TextMatcher, type TextRange } from './text-matcher';
import type { TextQuery } from './text-query';
import { type QueryTerm, readQueryTerms } from './text-query-terms';
import { compileRegex, REGEX_PROGRAM_MAX, TOO_LARGE } from './text-regex';

/** UTF-16 units of a `q`. */
export const QUERY_CHARS_MAX = 1000;
/** Terms of a `q`. */
const QUERY_TERMS_MAX = 32;

/** `query` is undefined where the text holds no term, and so restricts nothing. */
export type TextQueryParse =
  | { ok: true; query: TextQuery | undefined }
  | { ok: false; detail: string /** UTF-16 index in the text. */; at: number };

/** Compiles the text of a `q`; the grammar stands at `readQueryTerms` and `fieldMatcher`. Never throws. */
export function parseTextQuery(source: string, caseSensitive: boolean): TextQueryParse {
  if (source.length > QUERY_CHARS_MAX) {
    return { ok: false, detail: `must be at most ${QUERY_CHARS_MAX} characters`, at: QUERY_CHARS_MAX };
  }
  const read = readQueryTerms(source);
  if (!read.ok) return read;
  const surplus = read.terms[QUERY_TERMS_MAX];
  if (surplus) return { ok: false, detail: `must be at most ${QUERY_TERMS_MAX} terms`, at: surplus.at };

  const required: CostedMatcher[] = [];
  const excluded: CostedMatcher[] = [];
  let programSize = 0;
  for (const term of read.terms) {
    // An empty phrase is in every message.
    if (term.kind === 'text' && term.text === '' && !term.exclude) continue;
    const compiled = compileTerm(term, caseSensitive);
    if (!compiled.ok) return { ok: false, detail: compiled.detail, at: compiled.at };
    programSize += compiled.programSize;
    if (programSize > REGEX_PROGRAM_MAX) return { ok: false, detail: TOO_LARGE, at: term.at };
    (term.exclude ? excluded : required).push({ matcher: compiled.matcher, cost: COSTS[term.kind] });
  }
  if (required.length + excluded.length === 0) return { ok: true, query: undefined };
  const candidates = candidatePattern(read.terms, caseSensitive);
  return {
    ok: true,
    query: new TermQuery(source, caseSensitive, candidates, cheapFirst(required), cheapFirst(excluded)),
  };
}

interface CostedMatcher {
  matcher: TextMatcher;
  cost: number;
}

const COSTS = { text: 0, regex: 1, field: 2 } as const satisfies Record<QueryTerm['kind'], number>;

function cheapFirst(matchers: CostedMatcher[]): TextMatcher[] {
  return matchers.sort((a, b) => a.cost - b.cost).map(({ matcher }) => matcher);
}

type TermCompilation =
  | { ok: true; matcher: TextMatcher; programSize: number }
  | { ok: false; detail: string; at: number };

function compileTerm(term: QueryTerm, caseSensitive: boolean): TermCompilation {
  switch (term.kind) {
    case 'text':
      return { ok: true, matcher: literalMatcher(term.text, caseSensitive), programSize: 0 };
    case 'field':
      return { ok: true, matcher: fieldMatcher(term, caseSensitive), programSize: 0 };
    case 'regex': {
      const compiled = compileRegex(term.pattern, caseSensitive);
      if (compiled.ok) return compiled;
      const patternAt = term.at + (term.exclude ? 2 : 1);
      return { ok: false, detail: compiled.detail, at: patternAt + compiled.at };
    }
  }
}

class TermQuery implements TextQuery {
  readonly source: string;
  readonly caseSensitive: boolean;
  readonly candidates: CandidatePattern | undefined;
  readonly #required: readonly TextMatcher[];
  readonly #excluded: readonly TextMatcher[];

  constructor(
    source: string,
    caseSensitive: boolean,
    candidates: CandidatePattern | undefined,
    required: readonly TextMatcher[],
    excluded: readonly TextMatcher[],
  ) {
    this.source = source;
    this.caseSensitive = caseSensitive;
    this.candidates = candidates;
    this.#required = required;
    this.#excluded = excluded;
  }

  matches(message: string): boolean {
    const text = stripAnsi(message);
    for (const matcher of this.#required) if (!matcher.test(text)) return false;
    for (const matcher of this.#excluded) if (matcher.test(text)) return false;
    return true;
  }

  excludes(message: string): boolean {
    if (this.#excluded.length === 0) return false;
    const text = stripAnsi(message);
    return this.#excluded.some((matcher) => matcher.test(text));
  }

  ranges(message: string): TextRange[] {
    const text = stripAnsi(message);
    const ranges: TextRange[] = [];
    for (const matcher of this.#required) matcher.addRanges(text, ranges);
    return mergeRanges(ranges);
  }
}
