/** All that would not be seen; line feeds and tabs are laid out. */
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
const HAS_CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;

/**
 * The text with a symbol for each control character but line feed and tab (␀, ␛, ␡; � for the 8-bit ones), so that nothing in a value
 * is hidden. Its length stays.
 */
export function visibleText(text: string): string {
  if (!HAS_CONTROL.test(text)) return text;
  return text.replace(CONTROL, (char) => {
    const code = char.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });
}
