import type { Level } from '@/lib/protocol/log-message';
import { levelFromNumber } from './level-names';
import { levelOfLetter, levelOfSeverityNumber, levelOfSyslogSeverity, levelOfWord } from './level-words';

/** Loggers that write the message first put the level behind it. */
const JSON_CHARS_MAX = 4096;

const LEVEL_KEYS: ReadonlySet<string> = new Set([
  'level',
  'lvl',
  'severity',
  'log.level',
  'log_level',
  'loglevel',
  'levelname',
  'level_name',
  'severitytext',
  'severity_text',
  '@level',
  '@l',
]);

const NUMBER = /-?\d+(?:\.\d+)?(?=\s*[,}])/y;
const MEMBER = /\s*:\s*/y;

/**
 * The level that a JSON object names among its own members: the first one, in its order, that says something. Of an
 * object in it only `log` counts (`{"log":{"level":…}}`, as ECS nests it). Reads no further than it must and works on a
 * text that was cut.
 */
export function levelOfJson(text: string): Level | undefined {
  const end = Math.min(text.length, JSON_CHARS_MAX);
  let depth = 0;
  let isInLog = false;
  for (let at = 0; at < end; at++) {
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
      case 0x5b: // [
        depth++;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        isInLog = false;
        if (depth <= 0) return undefined;
        break;
      case 0x22: {
        const close = endOfString(text, at + 1);
        if (close < 0) return undefined;
        MEMBER.lastIndex = close + 1;
        if ((depth === 1 || (depth === 2 && isInLog)) && close - at < 24 && MEMBER.test(text)) {
          const valueAt = MEMBER.lastIndex;
          const key = text.slice(at + 1, close).toLowerCase();
          const level = levelOfMember(key, text, valueAt);
          if (level !== undefined) return level;
          if (depth === 1) isInLog = key === 'log' && text.charCodeAt(valueAt) === 0x7b;
        }
        at = close;
      }
    }
  }
  return undefined;
}

/** The index of the quotation mark that ends a string, -1 if the text ends first. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return -1;
}

function levelOfMember(key: string, text: string, valueAt: number): Level | undefined {
  const isLevel = LEVEL_KEYS.has(key);
  if (!isLevel && key !== 'severitynumber' && key !== 'severity_number' && key !== 'priority' && key !== 's')
    return undefined;
  const value = scalarAt(text, valueAt);
  if (value === undefined) return undefined;
  switch (key) {
    case 'severitynumber':
    case 'severity_number':
      return levelOfSeverityNumber(Number(value));
    case 'priority': // journald
      return typeof value === 'string' && /^[0-7]$/.test(value) ? levelOfSyslogSeverity(Number(value)) : undefined;
    case 's': // MongoDB
      return typeof value === 'string' && /^(?:[EFIW]|D[1-5]?)$/.test(value)
        ? levelOfLetter(value.charAt(0))
        : undefined;
  }
  if (typeof value === 'string') return levelOfWord(value.trim());
  return key === 'level' || key === 'lvl' ? levelFromNumber(value) : undefined;
}

function scalarAt(text: string, at: number): string | number | undefined {
  if (text.charCodeAt(at) === 0x22) {
    const close = endOfString(text, at + 1);
    return close < 0 || close - at > 24 ? undefined : text.slice(at + 1, close);
  }
  NUMBER.lastIndex = at;
  const match = NUMBER.exec(text);
  return match ? Number(match[0]) : undefined;
}
