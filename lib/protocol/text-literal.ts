import { RE2JS } from 're2js';
import { addNativeRanges, escapeForRegExp, type TextMatcher } from './text-matcher';
import { re2Matcher } from './text-regex';

/**
 * Longer texts are left to re2js where case is ignored: the native engine may compare the whole text at each
 * position of the message, which for a long one is no longer about linear.
 */
const NATIVE_CHARS_MAX = 64;

/**
 * A matcher of a text as it is. Ignoring case is Unicode's simple case folding (the flags `iu`), which never changes the
 * message's length, so that ranges are those of the message itself.
 */
export function literalMatcher(literal: string, caseSensitive: boolean): TextMatcher {
  const escaped = escapeForRegExp(literal);
  if (caseSensitive) {
    const all = new RegExp(escaped, 'gu');
    return {
      test: (text) => text.includes(literal),
      addRanges: (text, ranges) => addNativeRanges(all, text, ranges),
    };
  }
  if (literal.length > NATIVE_CHARS_MAX) {
    return re2Matcher(RE2JS.compile(RE2JS.quote(literal), RE2JS.CASE_INSENSITIVE));
  }
  const first = new RegExp(escaped, 'iu');
  const all = new RegExp(escaped, 'giu');
  return {
    test: (text) => first.test(text),
    addRanges: (text, ranges) => addNativeRanges(all, text, ranges),
  };
}

/** Whether a text is another one, as a precompiled question. */
export function equalityTest(expected: string, caseSensitive: boolean): (text: string) => boolean {
  if (caseSensitive) return (text) => text === expected;
  const pattern = new RegExp(`^${escapeForRegExp(expected)}$`, 'iu');
  return (text) => text === expected || pattern.test(text);
}
