import { ESCAPE_SEQUENCE } from './escape-sequence';

const INTRODUCER = /[\x1b\x9b\x9d]/;
const SEQUENCES = new RegExp(ESCAPE_SEQUENCE, 'g');

/**
 * The text without escape sequences; other control characters stay. The ranges of a search and the `start` of a Span
 * are UTF-16 offsets into this. A sequence that the text breaks off at its end is dropped.
 */
export function stripAnsi(text: string): string {
  return INTRODUCER.test(text) ? text.replace(SEQUENCES, '') : text;
}
