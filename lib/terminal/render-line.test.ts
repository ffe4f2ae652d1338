import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { INITIAL_STATE, renderLine } from './render-line';
import { stripAnsi } from './strip-ansi';

function shown(line: string): string {
  return renderLine(line)
    .spans.map((span) => span.text)
    .join('');
}

test('text without controls is one span of the state it starts in', () => {
  const { state } = renderLine('\x1b[31m');
  assert.deepEqual(renderLine('plain', state).spans, [
    { text: 'plain', style: { fg: { kind: 'index', n: 1 } }, start: 0 },
  ]);
  assert.deepEqual(renderLine(''), { spans: [], state: INITIAL_STATE });
});

test('SGR becomes styles, and equal neighbours one span', () => {
  assert.deepEqual(renderLine('\x1b[1;4;38;5;208ma\x1b[0;1;4;38;5;208mb\x1b[22mc\x1b[m d').spans, [
    { text: 'ab', style: { bold: true, underline: true, fg: { kind: 'index', n: 208 } }, start: 0 },
    { text: 'c', style: { underline: true, fg: { kind: 'index', n: 208 } }, start: 2 },
    { text: ' d', style: {}, start: 3 },
  ]);
});

test('style and link go on in the next line through the state', () => {
  const first = renderLine('\x1b]8;;https://a.b/\x07\x1b[3mone');
  assert.deepEqual(renderLine('two', first.state).spans, [
    { text: 'two', style: { italic: true }, href: 'https://a.b/', start: 0 },
  ]);
});

const REDRAWN: [title: string, line: string, text: string][] = [
  ['a carriage return overwrites', '10%\r20%\r100%', '100%'],
  ['a shorter redraw leaves the rest', 'downloading\rdone', 'doneloading'],
  ['a carriage return at the end changes nothing', 'kept\r', 'kept'],
  ['carriage returns before a line feed change nothing', 'one\r\r\ntwo\r\n', 'one\ntwo\n'],
  ['backspace', 'spin |\b/\b-', 'spin -'],
  ['backspace stops at the start', 'a\b\b\bb', 'b'],
  ['erase to the right', 'abcdef\x1b[3D\x1b[Kx', 'abcx'],
  ['erase to the left', 'abcdef\x1b[3D\x1b[1K', '    ef'],
  ['erase all keeps the column', 'abc\x1b[2Kd', '   d'],
  ['erase display acts on this row', 'abcdef\r\x1b[Jx', 'x'],
  ['grep ends its matches with erase', '\x1b[01;31m\x1b[Kmatch\x1b[m\x1b[K rest', 'match rest'],
  ['cursor forward leaves blanks', 'a\x1b[3Cb', 'a   b'],
  ['cursor back', 'abc\x1b[2DX', 'aXc'],
  ['column', 'abc\x1b[2GX\x1b[6GY', 'aXc  Y'],
  ['erase characters', 'abcdef\r\x1b[2Xx', 'x cdef'],
  ['delete characters', 'abcdef\r\x1b[2Px', 'xdef'],
  ['insert characters', 'abc\r\x1b[2@x', 'x abc'],
  ['tabs forward and back', 'ab\x1b[Ic\x1b[2Zd', 'db      c'],
  ['save and restore the cursor', 'ab\x1b7cd\x1b8X', 'abXd'],
  ['a status bar in another row is no part of the line', '\x1b7\x1b[30;0fProgress: [ 11%]\x1b8Unpacking', 'Unpacking'],
  ['without a way back nothing vanishes', 'a\x1b7\x1b[30;0fProgress\rb', 'bProgress'],
  ['moves to other rows are ignored', 'a\x1b[Ab\x1b[5;1Hc\x1b[2Ed', 'abcd'],
  ['tabs of a redrawn line are columns', 'x\ry\tz', 'y       z'],
  ['tabs of another line stay', 'a\tb\x1b[1m\tc', 'a\tb\tc'],
  ['blank columns at the end are not text', 'abc   \r\x1b[3C\x1b[K', 'abc'],
  ['printed spaces at the end are', 'ab\rc  ', 'c  '],
  ['each row of a message is redrawn by itself', '1\r2\n3\r4', '2\n4'],
  ['other controls vanish', 'a\x00b\x07c\x0bd\x0ce\x7ff\x85g', 'abcdefg'],
];

for (const [title, line, text] of REDRAWN) {
  test(`redraw: ${title}`, () => assert.equal(shown(line), text));
}

const TORN: [title: string, line: string, text: string][] = [
  ['the other half of a wide character becomes blank', '你好\rab', 'ab好'],
  ['its first half too', '你好\r\x1b[Cx', ' x好'],
  ['two wide ones under a wide one', '你好吗\r\x1b[C世', ' 世 吗'],
  ['erasing within one', '你好\r\x1b[C\x1b[K', ''],
  ['erasing to the left within one', '你好\r\x1b[1K', '  好'],
  ['a family emoji is one character', '👩‍👩‍👧‍👦!\rab', 'ab!'],
  ['a flag is one character', '🇩🇪!\rab', 'ab!'],
  ['an emoji by variation selector takes two columns', '❤️!\rab', 'ab!'],
  ['a combining mark goes with its base', 'e\u0301x\rab', 'ab'],
  ['a mark after a colour change stays with its base', 'xe\x1b[1m\u0301\ry', 'ye\u0301'],
  ['backspace over a wide character goes one column', '你\b\bab', 'ab'],
];

for (const [title, line, text] of TORN) {
  test(`characters stay whole: ${title}`, () => assert.equal(shown(line), text));
}

test('a long run of joined characters is cut between characters alone', () => {
  const family = '👩‍👩‍👧‍👦';
  assert.equal(shown(`${family.repeat(200)}\r${'ab'.repeat(199)}`), 'ab'.repeat(199) + family);
});

test('links: only http, https and mailto become href, and a later link replaces the open one', () => {
  const link = (address: string) => renderLine(`\x1b]8;id=1;${address}\x1b\\x`).spans[0]?.href;
  assert.equal(link('https://a.b/c?d;e'), 'https://a.b/c?d;e');
  assert.equal(link('mailto:a@b.c'), 'mailto:a@b.c');
  for (const address of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '//a.b', 'https://a b', '']) {
    assert.equal(link(address), undefined, address);
  }
  assert.deepEqual(
    renderLine('\x1b]8;;http://a\x07a\x1b]8;;http://b\x07b\x1b]8;;\x07c').spans.map(({ text, href }) => [text, href]),
    [
      ['a', 'http://a'],
      ['b', 'http://b'],
      ['c', undefined],
    ],
  );
});

test('start maps a redrawn line back to the stripped text', () => {
  assert.deepEqual(renderLine('\x1b[1mabcdef\x1b[0m\r\x1b[2CX\x1b[8Gz').spans, [
    { text: 'ab', style: { bold: true }, start: 0 },
    { text: 'X', style: {}, start: 7 },
    { text: 'def', style: { bold: true }, start: 3 },
    { text: ' ', style: {} },
    { text: 'z', style: {}, start: 8 },
  ]);
});

const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom('\r', '\b', '\t', '\n', '\x1b7', '\x1b8', '\x1b', '\x9b', '\x9d8;;', '\x00', '\x85', '\x7f'),
      fc
        .tuple(
          fc.constantFrom('', '0', '1', '2', '7', '300', '999999999999', ';', '?5', '38;5'),
          fc.constantFrom(...'mKJCDGHXPI@Zsu'),
        )
        .map(([params, command]) => `\x1b[${params}${command}`),
      fc.constantFrom(
        '你',
        '👩‍👧',
        '🇩🇪',
        'e\u0301',
        '\u0301',
        '\u200d',
        '\ud800',
        '\x1b]8;;http://a\x07',
        '\x1b]8;;\x1b\\',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(''));

test('any text renders: no control characters but tab and line feed, and every start is true', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const stripped = stripAnsi(text);
      for (const span of renderLine(text).spans) {
        assert.notEqual(span.text, '');
        assert.doesNotMatch(span.text, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
        if (span.start === undefined) assert.match(span.text, /^ +$/);
        else assert.equal(stripped.slice(span.start, span.start + span.text.length), span.text);
      }
    }),
    { numRuns: 2000 },
  );
});

test('text without redraws shows exactly its stripped text', () => {
  const piece = fc.oneof(
    fc.constantFrom('\x1b[31m', '\x1b[0m', '\x1b]8;;http://a\x07', '\t', '\n'),
    fc.string({ unit: 'grapheme' }),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('');
      fc.pre(!/[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]/.test(text.replaceAll('\x07', '')));
      assert.equal(shown(text), stripAnsi(text));
    }),
  );
});

test('a hostile line of 128 KiB costs no more than linear memory', () => {
  for (const piece of [
    '\x1b[99999999C\x1b[1Ka\r',
    'a\x1b[2K',
    '\x1b7\r\x1b[K\x1b8a',
    '\x1b[9999X',
    'a\r\x1b[9999@',
    '\r\x1b[P',
  ]) {
    const cells = shown(`${'a'.repeat(64 * 1024)}${piece.repeat((64 * 1024) / piece.length)}x`).length;
    assert.ok(cells <= 128 * 1024, `${JSON.stringify(piece)} made ${cells} cells`);
  }
});
