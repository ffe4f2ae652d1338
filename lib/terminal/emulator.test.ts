import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { forEachGrapheme } from './char-width';
import { INITIAL_STATE, renderLine } from './render-line';
import type { Span } from './span-list';
import type { Color, Style } from './style';
import { corpusFiles, corpusLines, corpusSkip } from './testing/corpus';
import { appendPiece, EMPTY, Emulator, type Piece, trimEmpty } from './testing/emulator';
import { emulatorInput } from './testing/emulator-input';
import type { EmulatorWidths } from './testing/emulator-widths';

/** What xterm.js shows of a line is what our text model shows: text, colours and styles, cell by cell. */

function colorWords(color: Color): string {
  if (color.kind === 'index') return String(color.n);
  return `#${((color.r << 16) | (color.g << 8) | color.b).toString(16).padStart(6, '0')}`;
}

/** A style in the emulator's words; it shows a link as an underline. */
function lookOf({ fg, bg, ...style }: Style, isLink: boolean): string {
  const words: string[] = [];
  if (style.bold) words.push('bold');
  if (style.dim) words.push('dim');
  if (style.italic) words.push('italic');
  if (style.underline || isLink) words.push('underline');
  if (style.inverse) words.push('inverse');
  if (style.strike) words.push('strike');
  if (fg) words.push(`fg ${colorWords(fg)}`);
  if (bg) words.push(`bg ${colorWords(bg)}`);
  return words.join(', ');
}

/** Spans with tabs laid out; columns that nothing was printed in are empty. */
function piecesOf(spans: readonly Span[]): Piece[] {
  const pieces: Piece[] = [];
  let column = 0;
  for (const { text, style, href, start } of spans) {
    for (const part of text.split(/(\t)/)) {
      if (part === '') continue;
      const isTab = part === '\t';
      const columns = isTab ? 8 - (column % 8) : columnsOf(part);
      column += columns;
      if (isTab) appendPiece(pieces, ' '.repeat(columns), EMPTY);
      else appendPiece(pieces, part, start === undefined ? EMPTY : lookOf(style, href !== undefined));
    }
  }
  return trimEmpty(pieces);
}

function columnsOf(text: string): number {
  let sum = 0;
  forEachGrapheme(text, (_, columns) => {
    sum += columns;
  });
  return sum;
}

/** xterm.js takes U+FEFF for a mark of byte order wherever it stands, and drops it. */
const BYTE_ORDER_MARK = /\ufeff/g;

/** Compares line after line, style and link going on from each to the next; a fault names the line. */
async function compare(lines: readonly string[], widths: EmulatorWidths = 'graphemes'): Promise<void> {
  const given = lines.map((line) => line.replace(BYTE_ORDER_MARK, ''));
  const expected = await new Emulator(widths).showAll(given.map(emulatorInput));
  let state = INITIAL_STATE;
  for (const [index, line] of given.entries()) {
    const rendered = renderLine(line, state);
    state = rendered.state;
    assert.deepEqual(piecesOf(rendered.spans), expected[index], `line ${index + 1}: ${JSON.stringify(line)}`);
  }
}

/** What sets a line apart from plain text: controls, and characters that are not one column each. */
const SPECIAL = /[\x00-\x1f\x7f-\x9f\p{M}\u1100-\u{10ffff}]/u;
/** Of a file; more of the same takes time and shows nothing new. */
const LINES_PER_FILE_MAX = 2000;
/** The emulator's row has 4,000 columns, and a line may move beyond its text. */
const LINE_CHARS_MAX = 3000;

/**
 * Characters whose columns have changed since Unicode 6, which the emulator's own table is of: emoji and the scripts of
 * Tangut and Kana have two; marks, format characters and trailing jamo belong to the character before them.
 */
const CHANGED = /[\p{Emoji_Presentation}\p{M}\p{Cf}\u06de\u1160-\u11ff\ua960-\ua97c\uff9e\uff9f\u{17000}-\u{1b2ff}]/u;
/** Unassigned, private and halves of pairs. */
const NO_CHARACTER = /[\p{Cn}\p{Co}\p{Cs}]/u;

test('every character takes the columns that the emulator gives to it', async () => {
  const lines: string[] = [];
  let line = '';
  for (let code = 0xa0; code < 0x30000; code++) {
    const character = String.fromCodePoint(code);
    if (CHANGED.test(character) || NO_CHARACTER.test(character)) continue;
    const isFull = line.length > 300;
    if (isFull) lines.push(line);
    // A bar stands right behind each.
    line = `${isFull ? '\r' : `${line}\t`}${character}|`;
  }
  await compare([...lines, line], 'built-in');
});

test('lines of real logs, terminal recordings and escape tests are shown as a terminal shows them', {
  skip: corpusSkip,
}, async () => {
  let compared = 0;
  for (const file of corpusFiles()) {
    const lines = corpusLines(file)
      .filter((line) => line.length <= LINE_CHARS_MAX && SPECIAL.test(line))
      .slice(0, LINES_PER_FILE_MAX);
    compared += lines.length;
    await compare(lines).catch((fault: unknown) => {
      throw new Error(file, { cause: fault });
    });
  }
  assert.ok(compared > 20_000, `${compared} lines`);
});

const CASES: [title: string, ...lines: string[]][] = [
  ['a carriage return overwrites', '10%\r20%\r100%', 'downloading\rdone', 'kept\r'],
  ['erase to the right', 'abcdef\x1b[3D\x1b[Kx', 'abcdef\x1b[3D\x1b[0Kx', 'match\x1b[m\x1b[K rest'],
  ['erase to the left', 'abcdef\x1b[3D\x1b[1K', 'abcdef\x1b[1Kx', 'abc\r\x1b[1K'],
  ['erase the whole row', 'abc\x1b[2Kd', 'abc\x1b[2K\rd', 'abc\x1b[2K'],
  ['erase the display', 'abcdef\r\x1b[Jx', 'abcdef\x1b[3D\x1b[1Jx', 'abc\x1b[2Jd'],
  ['erase cells', 'abcdef\r\x1b[2Xx', 'abcdef\r\x1b[Xx', 'abc\x1b[5Xd'],
  ['backspace', 'spin |\b/\b-', 'a\b\b\bb', '你\bx', '你\b\bab'],
  ['cursor forward and back', 'a\x1b[3Cb', 'abc\x1b[2DX', 'abc\x1b[9DX', 'a\x1b[0Cb', 'abc\x1b[DX', 'a\x1b[2ab'],
  ['columns', 'abc\x1b[2GX\x1b[6GY', 'abc\x1b[GX', 'abc\x1b[2`X', 'abc\x1b[0GX'],
  [
    'insert and delete cells',
    'abcdef\x1b[3D\x1b[2@x',
    'abcdef\x1b[3D\x1b[2Px',
    'ab\x1b[9P',
    'ab\x1b[9@c',
    '你好\r\x1b[C\x1b[P',
  ],
  ['what a shell does to a typed line', '$ ehco hi\x1b[8G\b\b\b\x1b[1P\x1b[1@h\x1b[C\x1b[Cx', '$ abc\b\b\x1b[1@X\b'],
  ['tabs', 'a\tb', 'x\ry\tz', 'abc\rX\tY', '12345678\tx', '你\tx', 'ab\tc\r\tX', 'é\tx', 'a\t\tb\x1b[1m\tc'],
  ['tabs forward and back', 'a\x1b[Ib', 'a\x1b[2Ib\x1b[Zc', 'abcdefghij\x1b[Zx', 'abcdefgh\x1b[Zx', 'a\x1b[3Zx'],
  ['save and restore', 'ab\x1b7cd\x1b8X', 'ab\x1b[scd\x1b[uX', 'a\x1b[1mb\x1b7\x1b[22mc\x1b8D', 'ab\x1b8c'],
  ['a status bar in another row', '\x1b7\x1b[30;0f\x1b[42m\x1b[30mProgress: [ 11%]\x1b[49m\x1b[39m\x1b8Unpacking'],
  ['moves to other rows', 'a\x1b[Ab\x1b[5;1Hc\x1b[2Ed', 'a\x1bMb\x1bDc\x0bd\x0ce\x84f\x85g'],
  ['other controls', 'a\x00b\x07c\x7fd\x80e\x99f', 'a\x0eb\x0fc', 'a\x05b\x16c'],
  ['palettes', '\x1b[31ma\x1b[92mb\x1b[44mc\x1b[107md', '\x1b[38;5;208ma\x1b[48;5;17mb\x1b[38;5;1mc\x1b[39;49md'],
  ['true colour', '\x1b[38;2;1;2;3ma\x1b[48;2;255;254;253mb', '\x1b[38;2;0;0;0ma', '\x1b[38;2;;;9ma'],
  ['colours with colons', '\x1b[38:2::1:2:3ma\x1b[48:2:9:8:7mb', '\x1b[38:5:99ma\x1b[48:5:1mb\x1b[38:2:0:1:2:3mc'],
  [
    'colours among others',
    '\x1b[1;38;5;9;4ma',
    '\x1b[38;2;1;2;3;1;4ma',
    '\x1b[4;38:5:9;3ma',
    '\x1b[58;5;9;1ma',
    '\x1b[58:2::1:2:3;1ma',
  ],
  [
    'resets one by one',
    '\x1b[1;2;3;4;7;9ma\x1b[22mb\x1b[23mc\x1b[24md\x1b[27me\x1b[29mf',
    '\x1b[31;42mx\x1b[39my\x1b[49mz',
  ],
  ['resets of all', '\x1b[1;31ma\x1b[mb', '\x1b[1;31ma\x1b[0mb', '\x1b[1ma\x1b[;31mb', '\x1b[1;0;3ma', '\x1b[1;;3ma'],
  [
    'kinds of underline',
    '\x1b[4ma\x1b[24mb\x1b[21mc\x1b[24md',
    '\x1b[4:3ma\x1b[4:0mb',
    '\x1b[4:1ma\x1b[4:5mb\x1b[24mc',
  ],
  ['styles that are not shown', '\x1b[5ma\x1b[25mb', '\x1b[8ma\x1b[28mb', '\x1b[53ma\x1b[55mb', '\x1b[6;51;73ma'],
  ['unknown and private', '\x1b[99ma', '\x1b[?4mb', '\x1b[>4;1mc', '\x1b[1 qd', '\x1b[38me'],
  ['styles go on in the next line', '\x1b[1;35mone', 'two\x1b[m', 'three'],
  ['a style is painted over', '\x1b[31mabcdef\r\x1b[32mxyz', '\x1b[41m   \x1b[0m\rab', 'ab\r\x1b[7mc'],
  [
    'links',
    '\x1b]8;;https://a.b/\x07one\x1b]8;;\x07 two',
    '\x1b]8;id=1;https://a.b/\x1b\\one',
    'two\x1b]8;id=1;\x1b\\three',
  ],
  ['refused links', '\x1b]8;;javascript:alert(1)\x07one\x1b]8;;\x07', '\x1b]8;;http://a\x07a\x1b]8;;file:///b\x07b'],
  [
    'a link painted over',
    '\x1b]8;;http://a\x07abc\x1b]8;;\x07\rX',
    '\x1b[4mabc\r\x1b[24m\x1b]8;;http://a\x07X\x1b]8;;\x07Y',
  ],
  [
    'wide characters',
    '你好\rab',
    '你好\r\x1b[Cx',
    '你好吗\r\x1b[C世',
    '你好\r\x1b[C\x1b[K',
    '你好\r\x1b[1K',
    '你好\r\x1b[X',
    '\x1b[31m你好\x1b[0m\rx',
  ],
  ['full and half width forms', 'ｆｕｌｌ\rab', 'ﾊﾝｶｸ\rab', '한글\rx', '가\r\x1b[Cx', '、。\ra'],
  ['emoji', '😀!\rab', '😀😀\r\x1b[Cx', '👩‍👩‍👧‍👦!\rab', '🇩🇪🇫🇷!\rabc', '❤️!\rab', '👍🏽!\rab', '⌛ x\rab', '✔ ok\rab'],
  ['combining marks', 'e\u0301x\rab', 'e\u0301\u0323x\r\x1b[Cy', 'कि\ra'],
  [
    'other titles and strings',
    '\x1b]0;title\x07a',
    '\x1b]133;A\x1b\\b',
    '\x1bPq#0\x1b\\c',
    '\x1b_bk;t=1\x07d',
    '\x1b^x\x1b\\e',
  ],
  ['what is broken off', 'a\x1b', 'b\x1b[', 'c\x1b[3', 'd\x1b[1\x1b[31me', 'f\x1b]0;t'],
  ['8-bit introducer', 'a\x9b31mb\x9b0mc\x9b2DX'],
];

for (const [title, ...lines] of CASES) {
  test(`as in a terminal: ${title}`, () => compare(lines));
}

const number = fc.constantFrom('', '0', '1', '2', '3', '7', '30');
const byte = fc.integer({ min: 0, max: 255 });
const sgrCode = fc.oneof(
  fc.constantFrom('', '0', '1', '2', '3', '4', '7', '9', '21', '22', '23', '24', '27', '29', '39', '49', '4:0', '4:3'),
  fc.oneof(fc.integer({ min: 30, max: 37 }), fc.integer({ min: 40, max: 47 })).map(String),
  fc.oneof(fc.integer({ min: 90, max: 97 }), fc.integer({ min: 100, max: 107 })).map(String),
  fc
    .tuple(fc.constantFrom('38', '48', '58'), fc.constantFrom(';', ':'), byte)
    .map(([code, by, n]) => `${code}${by}5${by}${n}`),
  fc.tuple(fc.constantFrom('38;2;', '48;2;', '58;2;'), byte, byte, byte).map(([code, ...rgb]) => code + rgb.join(';')),
  fc
    .tuple(fc.constantFrom('38:2:', '48:2:', '38:2::', '48:2::'), byte, byte, byte)
    .map(([code, ...rgb]) => code + rgb.join(':')),
  fc.constantFrom('5', '8', '53', '59', '25', '28', '55', '110'),
);
const drawing = fc.oneof(
  fc.constantFrom('\r', '\b', '\t', '\x1b7', '\x1b8', '\x1b[s', '\x1b[u', '\x07', '\x00', '\x0e', '\x9b3D'),
  fc.tuple(number, fc.constantFrom(...'KJCDGXPI@Za`')).map(([n, command]) => `\x1b[${n}${command}`),
  fc.array(sgrCode, { minLength: 1, maxLength: 4 }).map((codes) => `\x1b[${codes.join(';')}m`),
  fc.constantFrom(
    '\x1b]8;;https://a.b/\x07',
    '\x1b]8;id=7;https://c.d/\x1b\\',
    '\x1b]8;;\x07',
    '\x1b]8;;file:///x\x07',
  ),
  fc.constantFrom('\x1b[A', '\x1b[?25l', '\x1b[2;5r', '\x1b(B', '\x1b]0;t\x07', '\x1b_bk;t=1\x07'),
  fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
  fc.constantFrom('word', '  ', '你', '世界', '한', 'é', 'e\u0301', '😀', '👩‍👧', '🇩🇪', '❤️', '👍🏽', '─', '⠋', '✔'),
);

test('any drawing in a line is shown as a terminal shows it', async () => {
  const line = fc.array(drawing, { maxLength: 24 }).map((pieces) => pieces.join(''));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 4 }), (lines) => compare(lines)),
    { numRuns: 500 },
  );
});
