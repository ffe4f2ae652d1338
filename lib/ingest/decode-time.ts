import { parseTimestamp } from '@/lib/protocol/timestamp';

/** The last second that was read, as text up to the decimal point, and its microseconds. */
let lastSecond = ' ';
let lastSecondUs = 0;

const SECOND_CHARS = '2024-01-15T10:30:45.'.length;
const ZULU = 90;

/**
 * `parseTimestamp`, faster for the forms that programs write most (UTC with 3 or 6 digits): lines come in about the
 * order of their times, so most share their second with the line before.
 */
export function parseLineTime(text: string): number | undefined {
  const digits = text.length - SECOND_CHARS - 1;
  if ((digits !== 3 && digits !== 6) || text.charCodeAt(text.length - 1) !== ZULU) return parseTimestamp(text);
  let fraction = 0;
  for (let index = SECOND_CHARS; index < text.length - 1; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return parseTimestamp(text);
    fraction = fraction * 10 + digit;
  }
  const fractionUs = digits === 3 ? fraction * 1000 : fraction;
  if (text.startsWith(lastSecond)) return lastSecondUs + fractionUs;
  const us = parseTimestamp(text);
  if (us !== undefined) {
    lastSecond = text.slice(0, SECOND_CHARS);
    lastSecondUs = us - fractionUs;
  }
  return us;
}
