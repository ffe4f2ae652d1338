import type { Level, Stream } from '@/lib/protocol/log-message';
import { stripAnsi } from '@/lib/terminal/strip-ansi';
import { levelOfJson } from './level-json';
import { type LinePrefix, readPrefix } from './level-prefix';
import { levelOfLetter, levelOfSyslogSeverity, levelOfWord } from './level-words';

/** A level stands at the start of a line; what follows is the message. */
const HEAD_CHARS = 512;
/** A level that stands in no prefix counts only this near the start. */
const TAG_CHARS = 160;

/** A line without any of these is `info`: most lines cost this one search. */
const CANDIDATE =
  /(?:e(?:rr|merg|xception)|w(?:arn|rn)|f(?:atal|tl|ail:)|crit|panic|alert|severe|sill|d(?:ebug|bg|bug)|tr(?:ace|ce|c)|v(?:erb|rb)|\[[CDEFTVW][\] ]|^[EW]: )/i;
const SYSLOG_PRIORITY = /^<(\d{1,3})>/;
const GLOG = /^([CDEFIW])(?:\d{4}|\d{8}) \d\d:\d\d:\d\d/;
/** logrus on a terminal: `WARN[0012] `. */
const LOGRUS = /^(?:(TRAC|DEBU)|(INFO)|(WARN)|ERRO|FATA|PANI)\[\d+\]/;
/** Lines of common tools that name their level in a way of their own. */
const TOOL_ERROR =
  /^(?:npm (?:ERR!|error )|Traceback \(most recent call last\):|Exception in thread |thread '[^']*' (?:\(\d+\) )?panicked at|(?:g|re)?make(?:\[\d+\])?: \*\*\* |Error (?:response from|from server|while|when|during) |Uncaught |Unhandled |Err:\d+ |E: \S)/;
const TOOL_WARNING = /^(?:npm (?:WARN|warn) |W: \S)/;
const TOOL_DEBUG = /^npm (?:verb|sill|verbose|silly|timing) /;
const BRACKETED = /(?<![^\s\]|:>])[[(]\s*([A-Za-z]{3,11})\s*[\])]/g;
const UPPER_WORD =
  /(?<![^\s|:[(>])(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL)(?=$|[\s:|\])!,;])/g;
const VALUE_AFTER = /^(?::?\s*=|:\s*(?:\d+\b|none\b|null\b|nil\b)| [A-Z]{2,}\b)/;
/** Before a level these make a sentence or a count. */
const WORDS_BEFORE =
  /(?:^|\s)(?:\d+|a|all|an|and|any|as|at|be|for|if|in|is|level|no|non|not|of|on|or|than|the|this|to|with|without|zero)\s$/i;

/**
 * The level that a line's text names, for lines whose producer gave none. A line's own prefix beats a bracketed tag, which
 * beats a word in capitals; in doubt it is `info`, on stderr too, where many programs write everything.
 * Reads about the first 512 characters. Never throws.
 */
export function detectLevel(message: string, stream: Stream): Level {
  if (stream === 'system') return 'info';
  let text = message.length > HEAD_CHARS ? message.slice(0, HEAD_CHARS) : message;
  if (text.includes('\x1b')) text = stripAnsi(text);

  const first = text.charCodeAt(0);
  if (first === 0x7b && /^\{\s*(?:"|\}|$)/.test(text)) return levelOfJson(message) ?? 'info';
  if (first === 0x3c) {
    const priority = Number(SYSLOG_PRIORITY.exec(text)?.[1] ?? Number.NaN);
    if (priority <= 191) return levelOfSyslogSeverity(priority % 8);
  }
  if (first >= 0x43 && first <= 0x57) {
    const glog = GLOG.exec(text);
    if (glog) return levelOfLetter(glog[1] ?? '') ?? 'info';
    const logrus = LOGRUS.exec(text);
    if (logrus) return logrus[1] ? 'debug' : logrus[2] ? 'info' : logrus[3] ? 'warn' : 'error';
  }
  if (!CANDIDATE.test(text)) return 'info';

  const prefix = readPrefix(text);
  return prefix.level ?? levelOfTool(text) ?? levelOfTag(text) ?? levelOfCapitals(text, prefix) ?? 'info';
}

function levelOfTool(text: string): Level | undefined {
  if (TOOL_ERROR.test(text)) return 'error';
  if (TOOL_WARNING.test(text)) return 'warn';
  return TOOL_DEBUG.test(text) ? 'debug' : undefined;
}

function levelOfTag(text: string): Level | undefined {
  for (const match of text.slice(0, TAG_CHARS).matchAll(BRACKETED)) {
    const level = levelOfWord(match[1] ?? '');
    if (level !== undefined) return level;
  }
  return undefined;
}

/** The first level in capitals that is no part of a sentence, a count or an assignment. */
function levelOfCapitals(text: string, prefix: LinePrefix): Level | undefined {
  for (const match of text.slice(0, TAG_CHARS).matchAll(UPPER_WORD)) {
    const after = text.slice(match.index + match[0].length);
    const before = text.slice(0, match.index);
    if (VALUE_AFTER.test(after) || WORDS_BEFORE.test(before)) continue;
    if (after.startsWith(': ') || !/[A-Za-z]\s$/.test(before)) return levelOfWord(match[0]);
    // `12:00:01 main ERROR …`: a thread or logger may stand between time and level, a sentence is longer.
    const words = before.slice(prefix.end).trim().split(/\s+/);
    if (prefix.hasTime && words.length <= 2 && !/^[A-Z]+$/.test(words.at(-1) ?? '')) return levelOfWord(match[0]);
  }
  return undefined;
}
