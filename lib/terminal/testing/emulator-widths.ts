import type { IUnicodeVersionProvider } from '@xterm/headless';

/** Which columns the emulator gives to characters. */
export type EmulatorWidths = 'built-in' | 'graphemes';

const ZERO = /^[\p{M}\p{Cf}\u1160-\u11ff]$/u;
const WIDE =
  /^(?:[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3040-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})$/u;
const REGIONAL = /^\p{Regional_Indicator}$/u;
const MODIFIER = /^\p{Emoji_Modifier}$/u;
const PICTOGRAPH = /^\p{Extended_Pictographic}$/u;
const JOINER = 0x200d;
const EMOJI_SELECTOR = 0xfe0f;
const FIRST_REGIONAL = 1;
const AFTER_JOINER = 2;

/**
 * Columns as terminals give them since emoji have two and a grapheme is one character (Unicode TR 29, as far as emoji,
 * flags and marks go), in xterm.js's form: what a code point is and whether it joins the one before it.
 */
export function unicodeProvider(): IUnicodeVersionProvider {
  return {
    version: 'graphemes',
    wcwidth,
    charProperties: (codepoint, preceding) => {
      const character = String.fromCodePoint(codepoint);
      const before = { state: preceding >> 3, width: (preceding >> 1) & 3 };
      const own = wcwidth(codepoint);
      const isPair = before.state === FIRST_REGIONAL && REGIONAL.test(character);
      const isJoined =
        before.width > 0 &&
        (own === 0 ||
          isPair ||
          MODIFIER.test(character) ||
          (before.state === AFTER_JOINER && PICTOGRAPH.test(character)));
      const widened = codepoint === EMOJI_SELECTOR ? 2 : own;
      const width = isJoined ? Math.max(before.width, widened) : own;
      const isFirst = REGIONAL.test(character) && !isPair;
      const state = isFirst ? FIRST_REGIONAL : codepoint === JOINER ? AFTER_JOINER : 0;
      return (state << 3) | (width << 1) | (isJoined ? 1 : 0);
    },
  };
}

function wcwidth(codepoint: number): 0 | 1 | 2 {
  const character = String.fromCodePoint(codepoint);
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
