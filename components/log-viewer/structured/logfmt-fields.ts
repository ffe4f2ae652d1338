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

/** The logfmt pairs of a text, in order; empty where it has fewer than two. `rest` is the prose between them. */
export function readLogfmtFields(text: string): FieldList & { rest: string } {
  const pairs: Pair[] = [];
  const isCut = someLogfmtPair(text, (name, value, start, end) => {
    const before = text[start - 1];
    if (!NAME_START.test(name) || (before !== undefined && !BEFORE_PAIR.test(before))) return false;
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
  const plain = value.replace(/[,;]+$/, '');
  return /[([{]/.test(plain) ? plain : plain.replace(/[)\]},;]+$/, '');
}

function typeOf(text: string): FieldType {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return 'number';
  if (text === 'true' || text === 'false') return 'boolean';
  return text === 'null' || text === 'nil' ? 'null' : 'string';
}

function tidy(rest: string): string {
  return rest.replace(/\s+/g, ' ').trim();
}
