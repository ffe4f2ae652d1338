import type { FilterParameters } from './filter';

/** What is searched for in a run, and how it is shown. */
export interface FindState {
  text: string;
  /** The text is a regular expression in RE2 syntax. */
  isRegex: boolean;
  isCaseSensitive: boolean;
  /** Only matching lines are shown. */
  isOnly: boolean;
  /** With `isOnly`: lines shown before and after each match, 0 to CONTEXT_LINES_MAX. */
  context: number;
}

export const NO_FIND: FindState = { text: '', isRegex: false, isCaseSensitive: false, isOnly: false, context: 0 };

/**
 * The search as one term of the `q` grammar; empty where nothing is searched for. Its case rule may differ from that of
 * the query it is put into, `isQueryCaseSensitive`: then the term says so itself, which only an expression can.
 */
export function findTerm(
  { text, isRegex, isCaseSensitive }: FindState,
  isQueryCaseSensitive = isCaseSensitive,
): string {
  if (text === '') return '';
  const isSame = isCaseSensitive === isQueryCaseSensitive;
  if (isSame && !isRegex) return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
  const pattern = slashesEscaped(isRegex ? text : text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  if (isSame) return `/${pattern}/`;
  return `/(?${isCaseSensitive ? '-' : ''}i:${pattern})/`;
}

/** A slash ends an expression unless a backslash stands before it. */
function slashesEscaped(pattern: string): string {
  return pattern.replaceAll(/\\.|\//gsu, (found) => (found === '/' ? '\\/' : found));
}

/** Where in the search's text a fault of its term `/…/` is, both in UTF-16 units. */
export function faultPlace({ text }: FindState, at: number): number {
  for (let place = 0; place < text.length; place++) {
    if (slashesEscaped(text.slice(0, place + 1)).length >= at) return place;
  }
  return text.length;
}

/** A filter's text and a search as one `q`. */
export function joinTerms(filterText: string, term: string): string {
  return [filterText.trim(), term].filter((part) => part !== '').join(' ');
}

/** The filter and the search as one query. */
export function searchParameters(filter: FilterParameters, state: FindState): FilterParameters {
  const hasQuery = filter.q !== undefined;
  const isCaseSensitive = hasQuery ? filter.case === '1' : state.isCaseSensitive;
  const q = joinTerms(filter.q ?? '', findTerm(state, isCaseSensitive));
  const { case: _, ...rest } = filter;
  return { ...rest, ...(q !== '' && { q }), ...(isCaseSensitive && { case: '1' }) };
}
