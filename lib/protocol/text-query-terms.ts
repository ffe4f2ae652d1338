/** One term of a `q`, as written. `at` is its index in the query, in UTF-16 units. */
export type QueryTerm = { exclude: boolean; at: number } & (
  | { kind: 'text'; text: string }
  | { kind: 'regex'; pattern: string }
  | { kind: 'field'; name: string; value: string | undefined }
);

export type QueryTerms = { ok: true; terms: QueryTerm[] } | { ok: false; detail: string; at: number };

/**
 * Splits a query at white space into terms:
 *
 *   word            the text
 *   "two words"     the text between the quotes; \" and \\ stand for " and \
 *   /expression/    RE2 syntax; a slash inside is written \/, so /var/log/app.log is a word
 *   name:value      a field of JSON or logfmt; the value may be quoted; name:* is a field with any value
 *   -term           excludes, whatever the term; a lone - and what begins with -- are words
 *
 * `12:30`, `http://…`, `std::vector`, `C:\logs` and `name:` are words.
 */
export function readQueryTerms(query: string): QueryTerms {
  const terms: QueryTerm[] = [];
  let index = 0;
  for (;;) {
    SPACES.lastIndex = index;
    SPACES.test(query);
    index = SPACES.lastIndex;
    if (index >= query.length) return { ok: true, terms };
    const at = index;
    const exclude = query[index] === '-' && /^-[^\s-]/.test(query.slice(index, index + 2));
    const term = readTerm(query, exclude ? index + 1 : index);
    if ('detail' in term) return { ok: false, ...term };
    terms.push({ exclude, at, ...term.term });
    index = term.end;
  }
}

type TermBody =
  | { kind: 'text'; text: string }
  | { kind: 'regex'; pattern: string }
  | { kind: 'field'; name: string; value: string | undefined };
type ReadTerm = { term: TermBody; end: number } | { detail: string; at: number };

const SPACES = /\s*/y;
const REGEX = /\/((?:[^\\/]|\\.)+)\/(?=\s|$)/suy;
const NAME = /([\p{L}_@$][\p{L}\p{N}_.@$/-]*):(?=[^\s/\\:])/uy;

function readTerm(query: string, start: number): ReadTerm {
  if (query[start] === '"') {
    const quoted = readQuoted(query, start);
    return 'detail' in quoted ? quoted : { term: { kind: 'text', text: quoted.text }, end: quoted.end };
  }
  REGEX.lastIndex = start;
  const regex = REGEX.exec(query);
  if (regex) return { term: { kind: 'regex', pattern: regex[1] ?? '' }, end: REGEX.lastIndex };

  NAME.lastIndex = start;
  const name = NAME.exec(query)?.[1];
  if (name !== undefined) {
    const valueAt = start + name.length + 1;
    if (query[valueAt] === '"') {
      const quoted = readQuoted(query, valueAt);
      return 'detail' in quoted ? quoted : { term: { kind: 'field', name, value: quoted.text }, end: quoted.end };
    }
    const end = endOfWord(query, valueAt);
    const value = query.slice(valueAt, end);
    return { term: { kind: 'field', name, value: value === '*' ? undefined : value }, end };
  }
  const end = endOfWord(query, start);
  return { term: { kind: 'text', text: query.slice(start, end) }, end };
}

function readQuoted(query: string, start: number): { text: string; end: number } | { detail: string; at: number } {
  let text = '';
  for (let index = start + 1; index < query.length; index++) {
    const char = query[index] ?? '';
    const next = query[index + 1];
    if (char === '"') return { text, end: index + 1 };
    if (char === '\\' && (next === '"' || next === '\\')) {
      text += next;
      index++;
    } else {
      text += char;
    }
  }
  return { detail: 'the quotation mark is not closed', at: start };
}

function endOfWord(query: string, start: number): number {
  const length = query.slice(start).search(/\s/);
  return length < 0 ? query.length : start + length;
}
