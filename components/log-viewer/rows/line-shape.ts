import { stripAnsi } from '@/lib/terminal/strip-ansi';

/** UUIDs, hexadecimal numbers and ids of at least six digits, and numbers with their parts: `1,204`, `3.5`, `10:30:45`. */
const VARYING =
  /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}|0x[\da-f]+|\b(?=[a-f]*\d)[\da-f]{6,}\b|\d+(?:[.,:]\d+)*/gi;
/** Longer lines differ by what is in their first part or not at all. */
const CHARS_MAX = 2000;

/** A message without what differs from one repeat of it to the next; equal for lines that say the same. Empty: a blank line. */
export function lineShape(message: string): string {
  return stripAnsi(message.slice(0, CHARS_MAX)).replace(VARYING, '#').trim();
}
