import { someLogfmtPair, unpunctuated } from '@/lib/protocol/text-logfmt';
import type { Field, FieldList, FieldType } from './field';
import { FIELDS_MAX } from './json-fields';

const NAME_START = /[\p{L}_@$]/u;
/** What may stand before a pair: the `a=1` of `?a=1&b=2` is a part of an address. */
const BEFORE_PAIR = /[\s,;([{|]/;

/** One `name=value` of a text, with its place. */
interface Pair {
  name: string;
  value: string;
  start: number;
  end: number;
}

/** Whether a text has the two pairs that make it logfmt; stops at the second. */
export function hasLogfmtFields(text: string): boolean {
  let pairs = 0;
  return someLogfmtPair(text, (name, _value, start) => isPair(text, name, start) && ++pairs === 2);
}

function isPair(text: string, name: string, start: number): boolean {
  const before = text[start - 1];
  return NAME_START.test(name) && (before === undefined || BEFORE_PAIR.test(before));
}

/** The logfmt pairs of a text, in order; empty where it has fewer than two. `rest` is the prose between them. */
export function readLogfmtFields(text: string): FieldList & { rest: string } {
  const pairs: Pair[] = [];
  const isCut = someLogfmtPair(text, (name, value, start, end) => {
    if (!isPair(text, name, start)) return false;
    if (pairs.length === FIELDS_MAX) return true;
    pairs.push({ name, value, start, end });
    return false;
  });
  if (pairs.length < 2) return { fields: [], isCut: false, rest: text };
  let rest = '';
  let done = 0;
  for (const { start, end } of pairs) {
    if (start > done) rest += text.slice(done, start);
    done = Math.max(done, end);
  }
  rest += text.slice(done);
  return { fields: pairs.map((pair, index) => toField(text, pair, pairs[index + 1])), isCut, rest: tidy(rest) };
}

function toField(text: string, { name, value, start, end }: Pair, next: Pair | undefined): Field {
  const isQuoted = text[start + name.length + 1] === '"' && text[end - 1] === '"';
  // `a=1,b=2`: the first value goes to the next space, but ends for a reader where the next pair begins.
  const own = isQuoted || next === undefined || next.start >= end ? value : value.slice(0, next.start - end);
  const shown = isQuoted ? own : withoutPunctuation(own);
  const from = start + name.length + (isQuoted ? 2 : 1);
  const field: Field = { name, path: name, type: isQuoted ? 'string' : typeOf(shown), text: shown };
  if (text.startsWith(shown, from)) field.start = from;
  field.written = isQuoted ? text.slice(start, end) : text.slice(start, from + shown.length);
  if (shown === value || shown === unpunctuated(value)) field.termName = name;
  return field;
}

/** Without what belongs to the sentence around it. */
function withoutPunctuation(value: string): string {
  const plain = trimmedEnd(value, ',;');
  return /[([{]/.test(plain) ? plain : trimmedEnd(plain, ')]},;');
}

/** By hand: an expression that ends in `$` tries anew at every such character of a long value. */
function trimmedEnd(text: string, chars: string): string {
  let end = text.length;
  while (end > 0 && chars.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

function typeOf(text: string): FieldType {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return 'number';
  if (text === 'true' || text === 'false') return 'boolean';
  return text === 'null' || text === 'nil' ? 'null' : 'string';
}

function tidy(rest: string): string {
  return rest.replace(/\s+/g, ' ').trim();
}
