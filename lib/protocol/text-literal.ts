import { RE2JS } from 're2js';
import { addNativeRanges, escapeForRegExp, type TextMatcher } from './text-matcher';

/**
 * Longer texts are looked for by re2js where case is ignored: the native engine may compare the whole text at each
 * position of the message, which for a long one is no longer about linear.
 */
const NATIVE_CHARS_MAX = 64;

/**
 * A matcher of a text as it is. Ignoring case is Unicode's simple case folding (the flags `iu`), which never changes the
 * message's length, so that ranges are those of the message itself.
 */
export function literalMatcher(literal: string, caseSensitive: boolean): TextMatcher {
  const test = literalTest(literal, caseSensitive);
  const all = new RegExp(escapeForRegExp(literal), caseSensitive ? 'gu' : 'giu');
  return {
    test,
    addRanges: (text, ranges) => {
      if (test(text)) addNativeRanges(all, text, ranges);
    },
  };
}

function literalTest(literal: string, caseSensitive: boolean): (text: string) => boolean {
  if (caseSensitive) return (text) => text.includes(literal);
  if (literal.length > NATIVE_CHARS_MAX) {
    const compiled = RE2JS.compile(RE2JS.quote(literal), RE2JS.CASE_INSENSITIVE);
    return (text) => compiled.test(text);
  }
  const first = new RegExp(escapeForRegExp(literal), 'iu');
  return (text) => first.test(text);
}

/** Whether a text is another one, as a precompiled question. */
export function equalityTest(expected: string, caseSensitive: boolean): (text: string) => boolean {
  if (caseSensitive) return (text) => text === expected;
  const pattern = new RegExp(`^${escapeForRegExp(expected)}$`, 'iu');
  return (text) => text === expected || pattern.test(text);
}
