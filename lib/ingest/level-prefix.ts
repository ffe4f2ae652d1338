import type { Level } from '@/lib/protocol/log-message';
import { levelOfLetter, levelOfWord } from './level-words';

/** What stands before a line's message: where it ends, whether it has a time, and the level that it names. */
export interface LinePrefix {
  level?: Level;
  end: number;
  hasTime: boolean;
}

const TOKENS_MAX = 24;
const NAMES_MAX = 4;

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*';
const CLOCK = '\\d{1,2}:\\d\\d(?::\\d\\d)?(?:[.,]\\d+)?(?: ?[AP]M\\b)?';
const ZONE = '(?: ?(?:Z\\b|UTC|GMT|[ACEMP][SD]T|CES?T|BST|IST|JST|MSK|[+-]\\d\\d:?\\d\\d))?';
const DATE = `(?:\\d{4}[-/.]\\d\\d?[-/.]\\d\\d?|\\d\\d?[-/.]\\d\\d?[-/.]\\d{2,4}|\\d\\d?[-/ ]${MONTH}[-/ ]\\d{4}|${MONTH} +\\d\\d?(?:,? \\d{4})?)`;
const TIME = new RegExp(
  `(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?(?:${DATE}(?:[T :,]+${CLOCK})?|\\d\\d?:\\d\\d:\\d\\d(?:[.,]\\d+)?(?: ?[AP]M\\b)?)${ZONE}`,
  'y',
);
/** Between tokens, with the bullets and signs that pretty printers use. */
const GAP =
  /(?:(?!::[a-z])[\s|:;,>*~\u00b7\u00bb\u00d7\u2013\u2014\u2022\u203a\u2139\u2502\u2503\u2573-\u257f\u25cf\u26a0\u2700-\u27bf-]|\ufe0f|[\ud83c-\ud83e][\udc00-\udfff])+/y;
const BRACKETS = /\[([^\][\n]{0,120})\]|\(([^()\n]{0,80})\)|<([^<>\n]{1,40})>/y;
const NUMBER = /[#@]?\d[\d.,]*(?:[a-z]{1,2})?(?=[\s\]:|,;-]|$)/y;
const PAIR = /([@\w.-]+)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s,;\]]*))/y;
/** Names before a level: `main.c:3:5: `, `a.ts(3,5): `, `cron[12]: `, `web-1  | `, `app.db - `, `local.ERROR: `;
 * and pytest's `E   `. */
const NAME =
  /[\w-]+\.(?=[A-Z]{3,9}:)|[^\s:()]+(?::\d+){1,2}(?::(?=\s)| - )|[^\s()]+\(\d+(?:[,:]\d+)*\) ?:(?=\s)|[\w.@/$~+-]+(?:\[[^\]\s]*\])?:(?=\s|[a-z]+ {2})|[\w.@/-]+ +\||[\w.$/-]+ +- |(?:PHP |E {3,})(?=[A-Z])|[CMSX] (?=\d\d? [A-Z][a-z]{2} \d{4})/y;
/** After a time: host and program of syslog, redis' sign for a warning. */
const HOST = /# |[\w.-]+ [\w./()-]+(?:\[\d+\])?: /y;
const ACTIONS_TAG = /##\[([a-z]+)\]|::(error|warning|notice|debug|group|endgroup)(?: [^:\n]*)?::/y;
const WORD = /[A-Za-z]+[1-5]?/y;
const EXCEPTION = /(?:(?:[a-z][\w$]*\.)+[A-Z][\w$]*(?:Error|Exception)(?=:\s|$)|[A-Z]\w*(?:Error|Exception): )/y;
const WARNING_CLASS = /[A-Z]\w*Warning: /y;

const LEVEL_KEYS: ReadonlySet<string> = new Set([
  'level',
  'lvl',
  'severity',
  'log_level',
  'loglevel',
  'log.level',
  'levelname',
  'll',
]);
/** Words in capitals in brackets: `[2024-01-15T10:00:00Z ERROR app::db]`. */
const UPPER_WORDS = /(?<![^\s:|.,/])[A-Z]{3,11}(?![^\s:|.,/])/g;
const LEVEL_PAIR = /(?:^|\s)(?:level|lvl|severity)="?([A-Za-z]+)/;
/** Postgres marks the parts of a report so: they are no reports of their own. */
const INFO_LABEL = /^(?:LOG|STATEMENT|DETAIL|HINT|CONTEXT|QUERY|LOCATION)$/;

/** A value, a count or nothing at all: `error: null`, `critical: 3, high: 2`, `debug: true`. */
const VALUE_AFTER =
  /^:\s*(?:\d+\s*(?:$|[,;|)])|(?:none|null|nil|undefined|true|false|no)\s*(?:$|[,;)}\]])|<nil>|[{[]\s*$|['"]{2}|\{)/i;
const CODE_AFTER = /^(?: [A-Z]{1,8}\d+:|\[[A-Z]?\w*\d\]:)/;
/** After a time, `error rate 3 %` is a sentence, `error dial tcp: …` is not. */
const NOUN_AFTER =
  /^ (?:rates?|counts?|counter|handl\w*|budget|levels?|logs?|logging|pages?|codes?|boundary|thresholds?|mode|free|report\w*|track\w*|messages?|correction|margin|build|symbols?|info|output|is|are|was|=)\b/;

/** Reads the tokens that may stand before a message until one names a level or the message begins. */
export function readPrefix(text: string): LinePrefix {
  const prefix: LinePrefix = { end: 0, hasTime: false };
  const hasPairs = text.includes('=');
  let at = 0;
  let names = 0;
  let isAfterTime = false;
  let isAfterZero = false;
  let hasEvidence = false;

  for (let tokens = 0; tokens < TOKENS_MAX; tokens++) {
    at = skip(GAP, text, at);
    prefix.end = at;
    const code = text.charCodeAt(at);
    const wasAfterTime = isAfterTime;
    const wasAfterZero = isAfterZero;
    isAfterTime = false;
    isAfterZero = false;

    if (isDigit(code) || (code >= 0x41 && code <= 0x57)) {
      const end = skip(TIME, text, at);
      if (end > at) {
        at = end;
        isAfterTime = true;
        prefix.hasTime = true;
        hasEvidence = true;
        continue;
      }
    } else if (code === 0x5b || code === 0x28 || code === 0x3c) {
      const brackets = matchAt(BRACKETS, text, at);
      if (brackets === null) return prefix;
      prefix.level = levelOfBrackets(brackets[1], brackets[2] ?? brackets[3]);
      if (prefix.level !== undefined) return prefix;
      at += brackets[0].length;
      hasEvidence = true;
      continue;
    } else if (code === 0x23 || code === 0x3a) {
      const tag = matchAt(ACTIONS_TAG, text, at);
      if (tag) return { ...prefix, level: levelOfWord(tag[1] ?? tag[2] ?? '') ?? 'info' };
    }

    const pair = hasPairs ? matchAt(PAIR, text, at) : null;
    if (pair) {
      prefix.level = levelOfPair(pair);
      if (prefix.level !== undefined) return prefix;
      at += pair[0].length;
      hasEvidence = true;
      continue;
    }
    const numberEnd = isDigit(code) || code === 0x23 || code === 0x40 ? skip(NUMBER, text, at) : at;
    if (numberEnd > at) {
      isAfterZero = code === 0x30 && numberEnd === at + 1;
      at = numberEnd;
      hasEvidence = true;
      continue;
    }
    if (!wasAfterZero) {
      prefix.level = levelAt(text, at, wasAfterTime, hasEvidence);
      if (prefix.level !== undefined) return prefix;
    }
    const hostEnd = wasAfterTime ? skip(HOST, text, at) : at;
    const nameEnd = hostEnd > at ? hostEnd : skip(NAME, text, at);
    if (nameEnd === at || names === NAMES_MAX) return prefix;
    at = nameEnd;
    names++;
    hasEvidence = true;
  }
  return prefix;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Where the token at `at` ends; `at` itself when it is none. */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** The level that the word at `at` gives its line, by how it is written and what follows. */
function levelAt(text: string, at: number, isAfterTime: boolean, hasEvidence: boolean): Level | undefined {
  const word = text.slice(at, skip(WORD, text, at));
  if (word === '') return undefined;
  const rest = text.slice(at + word.length, at + word.length + 80);
  const level = levelOfWord(word);
  const isUpper = word === word.toUpperCase();
  if (level === undefined) {
    if (isUpper && rest.startsWith(':') && INFO_LABEL.test(word)) return 'info';
    if (word === 'fail' && rest.startsWith(': ')) return 'error';
    if (skip(EXCEPTION, text, at) > at) return 'error';
    return skip(WARNING_CLASS, text, at) > at ? 'warn' : undefined;
  }
  if (VALUE_AFTER.test(rest)) return undefined;
  if (isUpper) return /^(?:$|[:\])|>,;!]|\s(?!\s*=))/.test(rest) ? level : undefined;
  if (/^:(?:\s|$)/.test(rest)) return isPlainKey(text, at, word, rest) ? undefined : level;
  if (CODE_AFTER.test(rest) || (level === 'error' && /^ error: /i.test(rest))) return level;
  if (hasEvidence && /^(?::|\]|\t| {2}| [|›-] )/.test(rest)) return level;
  if (isAfterTime) return rest.startsWith(' ') && !NOUN_AFTER.test(rest) ? level : undefined;
  return word === word.toLowerCase() && /^ ["'`A-Z]/.test(rest) && isLeading(text, at) ? level : undefined;
}

/** In lower case and indented, or with nothing after it, it is rather a member of a printed object than a report. */
function isPlainKey(text: string, at: number, word: string, rest: string): boolean {
  if (word !== word.toLowerCase()) return false;
  return /^:\s*$/.test(rest) || (at > 0 && text.slice(0, at).trim() === '');
}

function isLeading(text: string, at: number): boolean {
  return at === 0 || text.charCodeAt(at - 1) === 0x20;
}

function levelOfPair(pair: RegExpExecArray): Level | undefined {
  const [, key = '', doubleQuoted, singleQuoted, bare = ''] = pair;
  return LEVEL_KEYS.has(key.toLowerCase()) ? levelOfWord(doubleQuoted ?? singleQuoted ?? bare) : undefined;
}

function levelOfBrackets(square: string | undefined, other: string | undefined): Level | undefined {
  if (square === undefined) return levelOfWord((other ?? '').trim());
  const content = square.trim();
  const level = content.length === 1 ? levelOfLetter(content) : levelOfWord(content);
  if (level !== undefined) return level;
  const component = /^[\w.-]+:([A-Za-z]+)(?:\s|$)/.exec(content);
  if (component) {
    const last = levelOfWord(component[1] ?? '');
    if (last !== undefined) return last;
  }
  const letter = /^([A-Z]) \d/.exec(content);
  if (letter) return levelOfLetter(letter[1] ?? '');
  for (const [upper] of content.matchAll(UPPER_WORDS)) {
    const named = levelOfWord(upper);
    if (named !== undefined) return named;
  }
  return content.includes('=') ? levelOfWord(LEVEL_PAIR.exec(content)?.[1] ?? '') : undefined;
}
