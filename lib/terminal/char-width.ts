/** East Asian Width W and F by block (Unicode TR 11), where a terminal gives a character two columns. */
const WIDE =
  /^(?:[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})|\ufe0f/u;
const ZERO = /^[\p{M}\p{Cf}]+$/u;
/** Every UTF-16 unit is one character of one column: ASCII, Latin, box drawing, braille (spinners). */
const SIMPLE = /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u2500-\u259f\u2800-\u28ff]*$/;
/** Whatever may form one character with its neighbours (Unicode TR 29); without any, each code point is a character. */
const JOINING =
  /[\p{M}\p{Cf}\p{Regional_Indicator}\p{Emoji_Modifier}\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff\uff9e\uff9f]/u;
/** Intl.Segmenter takes quadratic time in V8: text goes through it in windows. */
const WINDOW_CHARS = 256;

type Visit = (grapheme: string, columns: number) => void;

let segmenter: Intl.Segmenter | undefined;

/** Calls `visit` with each user-perceived character of a text without control characters, and its columns (0, 1 or 2). */
export function forEachGrapheme(text: string, visit: Visit): void {
  if (SIMPLE.test(text)) {
    for (let at = 0; at < text.length; at++) visit(text.charAt(at), 1);
  } else if (JOINING.test(text)) {
    forEachSegment(text, visit);
  } else {
    for (const character of text) visit(character, columnsOf(character));
  }
}

function forEachSegment(text: string, visit: Visit): void {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  let at = 0;
  while (at < text.length) {
    const from = at;
    for (const { segment, index } of segmenter.segment(text.slice(from, from + WINDOW_CHARS))) {
      const end = index + segment.length;
      // The last one may go on beyond the window: the next window starts with it.
      if (end === WINDOW_CHARS && index > 0 && from + end < text.length) break;
      visit(segment, columnsOf(segment));
      at = from + end;
    }
  }
}

function columnsOf(grapheme: string): number {
  if (WIDE.test(grapheme)) return 2;
  return ZERO.test(grapheme) ? 0 : 1;
}
