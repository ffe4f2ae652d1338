import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stripAnsi } from './strip-ansi';

const CASES: [title: string, text: string, stripped: string][] = [
  ['SGR', '\x1b[1;31mred\x1b[0m', 'red'],
  ['CSI with private parameters', '\x1b[?25lx\x1b[?25h\x1b[>4;2m', 'x'],
  ['CSI with intermediate bytes', 'a\x1b[0 qb', 'ab'],
  ['CSI in its 8-bit form', '\x9b31mred\x9b0m', 'red'],
  ['colon parameters', '\x1b[38:2::1:2:3mx', 'x'],
  ['OSC ended by BEL', '\x1b]0;title\x07x', 'x'],
  ['OSC ended by ST', '\x1b]0;title\x1b\\x', 'x'],
  ['OSC in its 8-bit form', '\x9d0;title\x9cx', 'x'],
  ['OSC 8 keeps the link text', '\x1b]8;;https://a.b\x1b\\here\x1b]8;;\x07.', 'here.'],
  ['OSC 1337', '\x1b]1337;File=name=eA==:AAAA\x07x', 'x'],
  ['DCS', 'a\x1bPq#0;2;0;0;0\x1b\\b', 'ab'],
  ["APC ended by BEL, Buildkite's timestamps", '\x1b_bk;t=1691998023893\x07~~~ Preparing', '~~~ Preparing'],
  ['SOS and PM', 'a\x1bXsos\x1b\\b\x1b^pm\x1b\\c', 'abc'],
  ['tmux passthrough', 'a\x1bPtmux;\x1b\x1b]0;t\x07\x1b\\b', 'ab'],
  ["screen's title", '\x1bkvim\x1b\\x', 'x'],
  ['two-byte escapes', 'a\x1b7b\x1b8c\x1bMd\x1b=e', 'abcde'],
  ['charset designation', 'a\x1b(Bb\x1b)0c', 'abc'],
  ['a new sequence cancels an unfinished one', '\x1b[31\x1b[0mx\x1b]0;t\x1b[1my', 'xy'],
  ['CAN ends a sequence and stays, like every other control', 'a\x1b[3\x18b\tc\rd\be', 'a\x18b\tc\rd\be'],
  ['parameters after intermediates are part of the broken sequence', 'x\x1b[3 1my', 'xy'],
  ['CSI broken by a letter beyond ASCII keeps the letter', '\x1b[3é', 'é'],
  ['unfinished CSI at the end', 'a\x1b[31', 'a'],
  ['unfinished OSC at the end', 'a\x1b]8;;https://a.b', 'a'],
  ['unfinished OSC ends with its row', 'a\x1b]0;title\nb', 'a\nb'],
  ['lone ESC at the end', 'a\x1b', 'a'],
  ['ESC before a control', 'a\x1b\tb', 'a\tb'],
  ['doubly encoded text is not swallowed', 'ð\x9f\x98\x80 ok â\x80\x9dquoted', 'ð\x9f\x98\x80 ok â\x80\x9dquoted'],
];

for (const [title, text, stripped] of CASES) {
  test(`strips: ${title}`, () => assert.equal(stripAnsi(text), stripped));
}

test('text without control characters is returned unchanged', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const visible = text.replace(/\p{Cc}/gu, '');
      assert.equal(stripAnsi(visible), visible);
    }),
  );
});

test('no ESC or 8-bit CSI is left of any text', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '\x1b',
      '\x9b',
      '\x9d',
      '[',
      ']',
      '0;',
      '31',
      'm',
      'k',
      'P',
      '_',
      '\\',
      '\x07',
      '\x9c',
      ' ',
      '\n',
      'é',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => assert.doesNotMatch(stripAnsi(pieces.join('')), /[\x1b\x9b]/)),
    { numRuns: 500 },
  );
});

test('a string sequence of 16 MiB is stripped', () => {
  assert.equal(stripAnsi(`a\x1b]52;c;${'x'.repeat(16 * 1024 * 1024)}\x07b`), 'ab');
});
