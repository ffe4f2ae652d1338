import type { LogMessage } from '@/lib/protocol/log-message';
import { stripAnsi } from '@/lib/terminal/strip-ansi';

/** UUIDs, hexadecimal numbers and ids of at least six digits, and numbers with their parts: `1,204`, `3.5`, `10:30:45`. */
const VARYING =
  /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}|0x[\da-f]+|\b(?=[a-f]*\d)[\da-f]{6,}\b|\d+(?:[.,:]\d+)*/gi;
/** Longer lines differ by what is in their first part or not at all. */
const CHARS_MAX = 2000;

const known = new WeakMap<LogMessage, string>();

/** A message without what differs from one repeat of it to the next; equal for lines that say the same. Empty: a blank line. */
export function lineShape(message: string): string {
  return stripAnsi(message.slice(0, CHARS_MAX)).replace(VARYING, '#').trim();
}

/** The shape of a line, looked for once and kept as long as the line. */
export function shapeOf(line: LogMessage): string {
  const found = known.get(line);
  if (found !== undefined) return found;
  const shape = lineShape(line.message);
  known.set(line, shape);
  return shape;
}
