/**
 * One escape sequence (ECMA-48) as the source of a regular expression, and what a terminal drops of a broken one.
 * `stripAnsi` and `renderLine` share it, so offsets of one hold in the other. Matching is linear: no class contains
 * what may follow it.
 *
 * - CSI: ends at its final byte; broken off by any other byte, only introducer and parameters go.
 * - OSC, DCS, SOS, PM and APC end at ST or BEL (Buildkite ends APC so), else with the row or at a new sequence.
 * - ESC k (a title, in screen and tmux) is a string only when it ends; elsewhere it is a two-byte escape.
 * - Of the 8-bit forms only CSI and a complete OSC count: text that was decoded twice is full of the others, and a
 *   string that starts there would hide what follows.
 */
export const ESCAPE_SEQUENCE = [
  '(?:\\x1b\\[|\\x9b)[ -?]*[@-~]?',
  '\\x1b[\\]PX^_][^\\x07\\n\\x18\\x1a\\x1b\\x9c]*(?:\\x07|\\x1b\\\\|\\x9c)?',
  '\\x9d\\d+;[^\\x07\\n\\x18\\x1a\\x1b\\x9c\\x9d]*(?:\\x07|\\x1b\\\\|\\x9c)',
  '\\x1bk[^\\x07\\n\\x18\\x1a\\x1b]*\\x1b\\\\',
  '\\x1b[ -/]+[0-~]?',
  '\\x1b[0-~]?',
].join('|');
