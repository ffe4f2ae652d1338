import { RE2JS, RE2JSSyntaxException } from 're2js';
import { escapeForRegExp, type TextMatcher } from './text-matcher';
import { requiredLiterals } from './text-regex-literal';
import { estimateProgramSize } from './text-regex-size';

/**
 * Instructions that the regular expressions of one query may compile to, together. Each character of a line takes time by them, at worst: some
 * milliseconds for an ordinary line. Twenty to thirty words as alternatives, or the whole line of an access log, stay below.
 */
export const REGEX_PROGRAM_MAX = 250;

/**
 * Characters times instructions that the search for all matches in one line may come to: a second at worst. A single search is
 * linear, but one for a pattern such as `.*x|a` looks at the rest of the line for every match.
 */
const RANGES_WORK_MAX = 20_000_000;

export type RegexCompilation =
  | { ok: true; matcher: TextMatcher; programSize: number }
  | { ok: false; detail: string /** Index in the pattern. */; at: number };

/** Compiles a pattern in RE2 syntax (linear time; no look-around, no back-references). */
export function compileRegex(pattern: string, caseSensitive: boolean): RegexCompilation {
  // Asked before compiling: a few characters such as x{1000}x{1000} make a program that takes a second to build.
  if (estimateProgramSize(pattern) > REGEX_PROGRAM_MAX) return { ok: false, detail: TOO_LARGE, at: 0 };
  try {
    const compiled = RE2JS.compile(pattern, caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
    const programSize = compiled.programSize();
    if (programSize > REGEX_PROGRAM_MAX) return { ok: false, detail: TOO_LARGE, at: 0 };
    return { ok: true, matcher: re2Matcher(compiled, programSize, demandOf(pattern, caseSensitive)), programSize };
  } catch (error) {
    return { ok: false, ...describeSyntaxError(error, pattern) };
  }
}

export const TOO_LARGE = 'the regular expression is too large; use smaller counts in { } or fewer alternatives';

/** Whether the texts that a pattern demands are there: told many times faster than whether it matches. */
function demandOf(pattern: string, caseSensitive: boolean): (text: string) => boolean {
  const sets = requiredLiterals(pattern)
    .filter((set) => set.every((text) => text.length <= DEMAND_CHARS_MAX))
    .map((set) => new RegExp(set.map(escapeForRegExp).join('|'), caseSensitive ? 'u' : 'iu'));
  return (text) => sets.every((set) => set.test(text));
}

/** Longer texts are not for the native engine, which may compare all of one at each place. */
const DEMAND_CHARS_MAX = 64;

function re2Matcher(compiled: RE2JS, programSize: number, demand: (text: string) => boolean): TextMatcher {
  const test = (text: string) => demand(text) && compiled.test(text);
  return {
    test,
    addRanges: (text, ranges) => {
      // Whether there is a match at all is found much faster than where it is.
      if (!test(text)) return;
      const matcher = compiled.matcher(text);
      for (let work = 0; work <= RANGES_WORK_MAX && matcher.find(); ) {
        const start = matcher.start();
        const end = matcher.end();
        if (end > start) ranges.push([start, end]);
        work += (text.length - start) * programSize;
      }
    },
  };
}

/** What is wrong with a pattern, in words, and where: RE2 names the piece that it stumbled over. */
function describeSyntaxError(error: unknown, pattern: string): { detail: string; at: number } {
  if (!(error instanceof RE2JSSyntaxException)) return { detail: 'the regular expression cannot be used', at: 0 };
  const reason = error.message.replace(/^error parsing regexp: /, '').replace(/: `[\s\S]*$/, '');
  const piece = /: `(?:\(\?i\))?([\s\S]*)`$/.exec(error.message)?.[1] ?? '';
  const at = unpairedParenthesis(pattern, reason) ?? (piece === '' ? 0 : pattern.indexOf(piece));
  return { detail: `the regular expression is not valid (RE2 syntax): ${reason}`, at: Math.max(0, at) };
}

/** Where the parenthesis stands that has no other, of which RE2 says only that it is missing somewhere in the pattern. */
function unpairedParenthesis(pattern: string, reason: string): number | undefined {
  if (!reason.includes('missing closing )') && !reason.includes('unexpected )')) return undefined;
  const open: number[] = [];
  // What is escaped or in a class is no group.
  for (const { 0: piece, index } of pattern.matchAll(/\\[\s\S]|\[\^?\]?(?:\\[\s\S]|\[:\w+:\]|[^\]\\])*\]|[()]/g)) {
    if (piece === '(') open.push(index);
    else if (piece === ')' && open.pop() === undefined) return index;
  }
  return open.at(-1);
}
