import { ATTRIBUTES_BYTES_MAX, LINE_BYTES_MAX, LINE_JSON_BYTES_MAX } from './limits';

/** What a LogMessage's other fields take as JSON at most: ids, names (a name's character can take 6 bytes), cursor. */
const OTHER_FIELDS_JSON_BYTES_MAX = 4096;
/** A message as JSON, without its quotes. */
const MESSAGE_JSON_BYTES_MAX = LINE_JSON_BYTES_MAX - ATTRIBUTES_BYTES_MAX - OTHER_FIELDS_JSON_BYTES_MAX;
/** A UTF-16 unit takes at most 3 bytes of UTF-8 and 6 of JSON, so shorter texts need no counting. */
const WHOLE_CHARS_MAX = Math.floor(Math.min(LINE_BYTES_MAX / 3, MESSAGE_JSON_BYTES_MAX / 6));
/** A longer escape sequence may be torn. */
const ESCAPE_CHARS_MAX = 4096;

/**
 * The text in parts that each fit a line (`LINE_BYTES_MAX` of UTF-8 and, with attributes, `LINE_JSON_BYTES_MAX` as JSON),
 * as few as can be; joined they are the text again. No code point is torn, and no escape sequence of usual length.
 */
export function splitMessage(text: string): string[] {
  if (text.length <= WHOLE_CHARS_MAX) return [text];
  const parts: string[] = [];
  let start = 0;
  while (start < text.length) {
    let end = endOfPart(text, start);
    if (end < text.length) {
      const sequence = escapeAcross(text, end);
      if (sequence > start) end = sequence;
    }
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts;
}

/** Where a part that begins at `start` has to end at the latest. */
function endOfPart(text: string, start: number): number {
  let bytes = 0;
  let jsonBytes = 0;
  let index = start;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    let units = 1;
    if (code < 0x80) {
      bytes += 1;
      jsonBytes += code < 0x20 ? (isShortEscape(code) ? 2 : 6) : code === 0x22 || code === 0x5c ? 2 : 1;
    } else if (code < 0x800) {
      bytes += 2;
      jsonBytes += 2;
    } else if (code < 0xd800 || code > 0xdfff) {
      bytes += 3;
      jsonBytes += 3;
    } else if (code < 0xdc00 && isLowSurrogate(text.charCodeAt(index + 1))) {
      units = 2;
      bytes += 4;
      jsonBytes += 4;
    } else {
      // A lone surrogate: U+FFFD in UTF-8, \udXXX in JSON.
      bytes += 3;
      jsonBytes += 6;
    }
    if (bytes > LINE_BYTES_MAX || jsonBytes > MESSAGE_JSON_BYTES_MAX) return index;
    index += units;
  }
  return text.length;
}

/** \b \t \n \f \r */
function isShortEscape(code: number): boolean {
  return (code >= 8 && code <= 10) || code === 12 || code === 13;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

const CSI = /\x1b\[[0-?]*[ -/]*[@-~]/y;
const STRING_SEQUENCE = /\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)/y;
const SHORT_SEQUENCE = /\x1b[ -/]*[0-~]/y;

/** The start of an escape sequence (ECMA-48) that lies on both sides of `at`, or -1. */
function escapeAcross(text: string, at: number): number {
  const last = text.lastIndexOf('\x1b', at - 1);
  if (last < at - ESCAPE_CHARS_MAX || last < 0) return -1;
  // A string sequence ends in ESC \, so that its own introducer is the one before.
  const introducer = last === 0 ? -1 : text.lastIndexOf('\x1b', last - 1);
  if (introducer >= 0 && endOfEscape(text, introducer) > at) return introducer;
  return endOfEscape(text, last) > at ? last : -1;
}

function endOfEscape(text: string, start: number): number {
  const window = text.slice(start, start + ESCAPE_CHARS_MAX);
  for (const sequence of [CSI, STRING_SEQUENCE, SHORT_SEQUENCE]) {
    sequence.lastIndex = 0;
    if (sequence.test(window)) return start + sequence.lastIndex;
  }
  return start;
}
