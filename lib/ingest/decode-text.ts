/** Matches NUL and, by the flag `u`, surrogates that stand alone. */
const UNCLEAN = /[\0\ud800-\udfff]/u;
const ALL_NULS = /\0/g;
const ALL_LONE_SURROGATES = /[\ud800-\udfff]/gu;

/** A text as it can be stored, and how many characters that took. */
export interface CleanText {
  text: string;
  replaced: number;
}

/** True for a text with NULs or lone surrogates, which neither Postgres nor UTF-8 can hold. */
function isUnclean(text: string): boolean {
  return UNCLEAN.test(text);
}

/** The text without NULs, and with U+FFFD for each lone surrogate. */
export function cleanText(text: string): CleanText {
  if (!isUnclean(text)) return { text, replaced: 0 };
  let replaced = 0;
  const count = (by: string) => () => {
    replaced++;
    return by;
  };
  const clean = text.replace(ALL_NULS, count('')).replace(ALL_LONE_SURROGATES, count('\ufffd'));
  return { text: clean, replaced };
}

/** Bytes as text; what is no UTF-8 becomes U+FFFD and is counted, a U+FFFD that was sent is not. */
export function decodeUtf8(bytes: Buffer): CleanText {
  const text = bytes.toString('utf8');
  if (!text.includes('\ufffd')) return { text, replaced: 0 };
  return { text, replaced: countIn(text, '\ufffd') - countReplacementBytes(bytes) };
}

/** The end of a text, at most `bytesMax` of UTF-8, from a code point on. */
export function newestPart(text: string, bytesMax: number): string {
  if (text.length * 3 <= bytesMax) return text;
  const bytes = Buffer.from(text.slice(-bytesMax));
  let start = Math.max(0, bytes.length - bytesMax);
  // 10xxxxxx goes on with a code point.
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return bytes.toString('utf8', start);
}

function countIn(text: string, char: string): number {
  let count = 0;
  for (let at = text.indexOf(char); at >= 0; at = text.indexOf(char, at + 1)) count++;
  return count;
}

const REPLACEMENT = Buffer.from('\ufffd');

function countReplacementBytes(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(REPLACEMENT); at >= 0; at = bytes.indexOf(REPLACEMENT, at + 3)) count++;
  return count;
}
