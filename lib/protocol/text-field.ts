import { jsonObjectIn } from './text-json';
import { equalityTest } from './text-literal';
import { someLogfmtPair, unpunctuated } from './text-logfmt';
import { addNativeRanges, escapeForRegExp, type TextMatcher, type TextRange } from './text-matcher';

export interface FieldTerm {
  /** Nested JSON names joined with dots. */
  name: string;
  /** Absent: the field is there, whatever its value (`name:*`). */
  value: string | undefined;
}

/**
 * A matcher of `name:value`: true for a message in which a JSON object or a logfmt pair has that value under that name,
 * or which has `name:value` written out, between no other letters or digits (so that `server.js:120` and
 * `localhost:8080` find what they look like).
 *
 * The value is compared as text: a number as JavaScript writes it, `true`, `null`; of a list, any element will do.
 * The JSON object may stand after other text, as behind a time that a runner put in front.
 */
export function fieldMatcher(term: FieldTerm, caseSensitive: boolean): TextMatcher {
  const flags = caseSensitive ? 'u' : 'iu';
  // A number may be the place in a list, which is not written there.
  const names = term.name.split('.').filter((name) => !/^\d*$/.test(name));
  const lastName = escapeForRegExp(names.at(-1) ?? '');
  const mention = new RegExp(lastName, flags);
  const written = writtenOut(term, flags);
  const member = jsonMember(term, lastName, flags);
  const path = caseSensitive ? term.name : term.name.toLowerCase();
  const fold = caseSensitive ? (name: string) => name : (name: string) => name.toLowerCase();
  const isValue = term.value === undefined ? () => true : equalityTest(term.value, caseSensitive);
  const isPair = (name: string, value: string) =>
    fold(name) === path && (isValue(value) || isValue(unpunctuated(value)));
  const isMember = (member: unknown) => term.value === undefined || isElement(member, isValue);

  function findPair(text: string): TextRange | undefined {
    let range: TextRange | undefined;
    someLogfmtPair(text, (name, value, start, end) => {
      if (isPair(name, value)) range = [start, end];
      return range !== undefined;
    });
    return range;
  }

  function isInJson(text: string): boolean {
    const json = jsonObjectIn(text);
    return json !== undefined && hasMember(json.value, path, fold, isMember);
  }

  return {
    test(text) {
      // A name may be written with escapes in JSON, which no plain search sees.
      if (!mention.test(text) && !text.includes('\\')) return false;
      return written?.test(text) === true || findPair(text) !== undefined || isInJson(text);
    },
    addRanges(text, ranges) {
      if (written) addNativeRanges(new RegExp(written, `g${flags}`), text, ranges);
      const pair = findPair(text);
      if (pair) ranges.push(pair);
      if (isInJson(text)) addNativeRanges(member, text, ranges);
    },
  };
}

/** `name:value` as text; none where any value will do. */
function writtenOut({ name, value }: FieldTerm, flags: string): RegExp | undefined {
  if (value === undefined || value === '') return undefined;
  const text = escapeForRegExp(value);
  return new RegExp(`(?<![\\p{L}\\p{N}_])${escapeForRegExp(name)}:(?:"${text}"|${text}(?![\\p{L}\\p{N}_]))`, flags);
}

/** A member of a JSON text, to mark it; which of several of one name it was is not told apart. */
function jsonMember({ value }: FieldTerm, lastName: string, flags: string): RegExp {
  if (value === undefined) return new RegExp(`"?${lastName}"(?=\\s*:)`, `g${flags}`);
  const quoted = escapeForRegExp(JSON.stringify(value));
  return new RegExp(`"?${lastName}"\\s*:\\s*(?:${quoted}|${escapeForRegExp(value)}(?![\\p{L}\\p{N}_.]))`, `g${flags}`);
}

/**
 * True where the object has a fitting value at the path. Names may hold dots themselves (`service.name`), so each member
 * that the path begins with is tried; every step uses up a part of the path, which bounds the depth.
 */
function hasMember(
  value: object,
  path: string,
  fold: (name: string) => string,
  isMember: (member: unknown) => boolean,
): boolean {
  for (const [key, member] of Object.entries(value)) {
    const name = fold(key);
    if (name === path) {
      if (isMember(member)) return true;
    } else if (typeof member === 'object' && member !== null && path.startsWith(`${name}.`)) {
      if (hasMember(member, path.slice(name.length + 1), fold, isMember)) return true;
    }
  }
  return false;
}

/** True where a scalar has the value, or one scalar of a list. */
function isElement(member: unknown, isValue: (text: string) => boolean): boolean {
  if (Array.isArray(member)) return member.some((element) => !Array.isArray(element) && isElement(element, isValue));
  return (typeof member !== 'object' || member === null) && isValue(String(member));
}
