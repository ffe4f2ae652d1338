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
  /[\w-]+\.(?=[A-Z]{3,9}:)|[^\s:()]+(?::\d+){1,2}:(?=\s)|[^\s()]+\(\d+(?:[,:]\d+)*\) ?:(?=\s)|[\w.@/$~+-]+(?:\[[^\]\s]*\])?:(?=\s|[a-z]+ {2})|[\w.@/-]+ +\||[\w.$/-]+ +- |(?:PHP |E {3,})(?=[A-Z])|[CMSX] (?=\d\d? [A-Z][a-z]{2} \d{4})/y;
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
const LEVEL_PAIR = /(?:^|\s)(?:level|lvl|severity)="?([A-Za-z]+)/;
/** Postgres marks the parts of a report so: they are no reports of their own. */
const INFO_LABEL = /^(?:LOG|STATEMENT|DETAIL|HINT|CONTEXT|QUERY|LOCATION)$/;

/** A value, a count or nothing at all: `error: null`, `critical: 3, high: 2`, `debug: true`. */
const VALUE_AFTER =
  /^:\s*(?:\d+\s*(?:$|[,;|)])|(?:none|null|nil|undefined|true|false|no)\s*(?:$|[,;)}\]])|<nil>|[{[]?\s*$|['"]{2}|\{)/i;
const CODE_AFTER = /^(?: [A-Z]{1,8}\d+:|\[[A-Z]?\w*\d\]:)/;
/** After a time, `error rate 3 %` is a sentence, `error dial tcp: …` is not. */
const NOUN_AFTER =
  /^ (?:rates?|counts?|counter|handl\w*|budget|levels?|logs?|logging|pages?|codes?|boundary|thresholds?|mode|free|report\w*|track\w*|messages?|correction|margin|build|symbols?|info|output|is|are|was|=)\b/;

/** Reads the tokens that may stand before a message until one names a level or the message begins. */
export function readPrefix(text: string): LinePrefix {
  const prefix: LinePrefix = { end: 0, hasTime: false };
  let at = 0;
  let names = 0;
  let isAfterTime = false;
  let isAfterZero = false;
  let hasEvidence = false;

  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found;
  };

  for (let tokens = 0; tokens < TOKENS_MAX; tokens++) {
    match(GAP);
    prefix.end = at;
    let found = match(TIME);
    if (found) {
      prefix.hasTime = true;
      isAfterTime = true;
      hasEvidence = true;
      continue;
    }
    found = match(BRACKETS);
    if (found) {
      prefix.level = levelOfBrackets(found[1], found[2] ?? found[3]);
      if (prefix.level !== undefined) return prefix;
      isAfterTime = false;
      hasEvidence = true;
      continue;
    }
    found = match(PAIR);
    if (found) {
      const key = (found[1] ?? '').toLowerCase();
      if (LEVEL_KEYS.has(key)) {
        const value = found[2] ?? found[3] ?? found[4] ?? '';
        prefix.level = levelOfWord(value);
        if (prefix.level !== undefined) return prefix;
      }
      hasEvidence = true;
      continue;
    }
    found = match(ACTIONS_TAG);
    if (found) {
      prefix.level = levelOfWord(found[1] ?? found[2] ?? '') ?? 'info';
      return prefix;
    }
    found = match(NUMBER);
    if (found) {
      isAfterZero = found[0] === '0';
      isAfterTime = false;
      hasEvidence = true;
      continue;
    }
    if (!isAfterZero) {
      prefix.level = levelAt(text, at, isAfterTime, hasEvidence);
      if (prefix.level !== undefined) return prefix;
    }
    if (names < NAMES_MAX && ((isAfterTime && match(HOST)) || match(NAME))) {
      names++;
      isAfterTime = false;
      isAfterZero = false;
      hasEvidence = true;
      continue;
    }
    return prefix;
  }
  return prefix;
}

/** The level that the word at `at` gives its line, by how it is written and what follows. */
function levelAt(text: string, at: number, isAfterTime: boolean, hasEvidence: boolean): Level | undefined {
  WORD.lastIndex = at;
  const word = WORD.exec(text)?.[0];
  if (word === undefined) return undefined;
  const rest = text.slice(at + word.length, at + word.length + 80);
  const level = levelOfWord(word);
  const isUpper = word === word.toUpperCase();
  if (level === undefined) {
    if (isUpper && rest.startsWith(':') && INFO_LABEL.test(word)) return 'info';
    if (word === 'fail' && rest.startsWith(': ')) return 'error';
    EXCEPTION.lastIndex = at;
    if (EXCEPTION.test(text)) return 'error';
    WARNING_CLASS.lastIndex = at;
    return WARNING_CLASS.test(text) ? 'warn' : undefined;
  }
  if (VALUE_AFTER.test(rest)) return undefined;
  if (isUpper) return /^(?:$|[:\])|>,;!]|\s(?!\s*=))/.test(rest) ? level : undefined;
  if (/^:(?:\s|$)/.test(rest)) return isPlainKey(text, at, word) ? undefined : level;
  if (CODE_AFTER.test(rest) || (level === 'error' && /^ error: /i.test(rest))) return level;
  if (hasEvidence && /^(?::|\]|\t| {2}| [|›-] )/.test(rest)) return level;
  if (isAfterTime) return rest.startsWith(' ') && !NOUN_AFTER.test(rest) ? level : undefined;
  return word === word.toLowerCase() && /^ ["'`A-Z]/.test(rest) && isLeading(text, at) ? level : undefined;
}

/** Indented and in lower case it is rather a member of a printed object than a report. */
function isPlainKey(text: string, at: number, word: string): boolean {
  return at > 0 && text.slice(0, at).trim() === '' && word === word.toLowerCase();
}

function isLeading(text: string, at: number): boolean {
  return at === 0 || text.charCodeAt(at - 1) === 0x20;
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
  for (const part of content.split(/[\s:|.,/]+/)) {
    const upper = part === part.toUpperCase() ? levelOfWord(part) : undefined;
    if (upper !== undefined) return upper;
  }
  return levelOfWord(LEVEL_PAIR.exec(content)?.[1] ?? '');
}
