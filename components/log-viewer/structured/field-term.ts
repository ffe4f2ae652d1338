import { isStorableText } from '@/lib/protocol/storable-text';
import { readQueryTerms } from '@/lib/protocol/text-query-terms';
import type { Field } from './field';

/** A name that `q` reads as one. */
const NAME = /^[\p{L}_@$][\p{L}\p{N}_.@$/-]*$/u;
/** A value that needs no quotes; `*` would mean any. */
const BARE_VALUE = /^[\p{L}\p{N}_.+-]+$/u;
/** A text field of a page holds no line feeds, and no reader could edit the other controls. */
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;
/** A filter is a line that a person reads; all of it may be 1,000 characters. */
const TERM_CHARS_MAX = 300;

/**
 * The term of a `q` that the field's line matches: `name:value`, quoted where the grammar asks for it. Where it has no such term (a name
 * with spaces, a number that would be rounded), the member as the line has it, as a phrase; undefined where there is no way to say it.
 */
export function fieldTerm(field: Field, exclude: boolean): string | undefined {
  const term = namedTerm(field) ?? writtenTerm(field);
  if (term === undefined || term.length > TERM_CHARS_MAX) return undefined;
  return exclude ? `-${term}` : term;
}

/** A query with the term added. The same term stays once; its opposite goes. */
export function withTerm(query: string, term: string): string {
  const read = readQueryTerms(query);
  if (!read.ok) return term;
  const opposite = term.startsWith('-') ? term.slice(1) : `-${term}`;
  const kept = read.terms
    .map(({ at }, index) => query.slice(at, read.terms[index + 1]?.at).trim())
    .filter((each) => each !== term && each !== opposite);
  return [...kept, term].join(' ');
}

function namedTerm({ type, text: shown, termName, termText }: Field): string | undefined {
  const text = termText ?? shown;
  if (termName === undefined || !NAME.test(termName) || type === 'object' || type === 'list') return undefined;
  if (CONTROL.test(text) || !isStorableText(text)) return undefined;
  return `${termName}:${BARE_VALUE.test(text) ? text : quoted(text)}`;
}

function writtenTerm({ type, written }: Field): string | undefined {
  if (written === undefined || type === 'object' || type === 'list') return undefined;
  return CONTROL.test(written) || !isStorableText(written) ? undefined : quoted(written);
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
