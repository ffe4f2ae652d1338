import type { Level } from '@/lib/protocol/log-message';
import { levelFromName } from './level-names';

/** Spellings that programs print but the wire does not accept. */
const PRINTED_WORDS: ReadonlyMap<string, Level> = new Map([
  ['information', 'info'],
  ['inf', 'info'],
  ['wrn', 'warn'],
  ['severe', 'error'],
  ['ftl', 'error'],
  ['dbg', 'debug'],
  ['dbug', 'debug'],
  ['trc', 'debug'],
  ['trce', 'debug'],
  ['vrb', 'debug'],
  ['verb', 'debug'],
  ['sill', 'debug'],
]);

const LETTERS: ReadonlyMap<string, Level> = new Map([
  ['C', 'error'],
  ['D', 'debug'],
  ['E', 'error'],
  ['F', 'error'],
  ['I', 'info'],
  ['T', 'debug'],
  ['V', 'debug'],
  ['W', 'warn'],
]);

/** OpenTelemetry numbers its levels to 4 (`ERROR3`), Postgres its DEBUG to 5. */
const NUMBERED = /^(trace|info|warn|error|fatal)[2-4]$|^(debug)[1-5]$/i;

/** The level that a printed word names, in any case; `http` is none: in text it is the protocol. */
export function levelOfWord(word: string): Level | undefined {
  if (word.length < 3 || word.length > 11) return undefined;
  const lower = word.toLowerCase();
  if (lower === 'http') return undefined;
  const level = levelFromName(lower) ?? PRINTED_WORDS.get(lower);
  if (level !== undefined) return level;
  const numbered = NUMBERED.exec(lower);
  return numbered ? levelFromName(numbered[1] ?? numbered[2] ?? '') : undefined;
}

/** The level of a one-letter tag such as `[E]`. */
export function levelOfLetter(letter: string): Level | undefined {
  return LETTERS.get(letter);
}

/** The level of a syslog severity, 0 (emergency) to 7 (debug) (RFC 5424 §6.2.1). */
export function levelOfSyslogSeverity(severity: number): Level {
  if (severity <= 3) return 'error';
  if (severity === 4) return 'warn';
  return severity === 7 ? 'debug' : 'info';
}

/** The level of an OpenTelemetry SeverityNumber, 1 to 24; undefined for any other number. */
export function levelOfSeverityNumber(number: number): Level | undefined {
  if (!Number.isInteger(number) || number < 1 || number > 24) return undefined;
  if (number <= 8) return 'debug';
  if (number <= 12) return 'info';
  return number <= 16 ? 'warn' : 'error';
}
