import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupMarker } from './groups';
import { linkUrls } from './links';
import { INITIAL_STATE, renderLine } from './render-line';
import type { Span } from './span-list';
import { stripAnsi } from './strip-ansi';
import type { Color } from './style';
import { corpusFiles, corpusLines, corpusSkip, corpusText } from './testing/corpus';

/** Text, colour classes and link of a piece, in the words of terminal-to-html. */
type Piece = [text: string, classes: string, href: string];

const ENTITIES: Record<string, string> = {
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
  '&quot;': '"',
  '&#39;': "'",
  '&#47;': '/',
  '&nbsp;': ' ',
};

function piecesOfHtml(html: string): Piece[] {
  const pieces: Piece[] = [];
  let classes = '';
  let href = '';
  for (const [token] of html.matchAll(/<[^>]*>|[^<]+/g)) {
    if (token.startsWith('<span')) classes = /class="([^"]*)"/.exec(token)?.[1] ?? '';
    else if (token.startsWith('</span')) classes = '';
    else if (token.startsWith('<a')) href = /href="([^"]*)"/.exec(token)?.[1] ?? '';
    else if (token.startsWith('</a')) href = '';
    else pieces.push([token.replace(/&[#\w]+;/g, (entity) => ENTITIES[entity] ?? entity), classes, href]);
  }
  return tidy(pieces);
}

function colorClass(ground: 'fg' | 'bg', color: Color | undefined): string[] {
  if (color === undefined) return [];
  assert.equal(color.kind, 'index');
  const n = color.kind === 'index' ? color.n : 0;
  const base = ground === 'fg' ? 30 : 40;
  return [n > 15 ? `term-${ground}x${n}` : n > 7 ? `term-${ground}i${base + 52 + n}` : `term-${ground}${base + n}`];
}

function piecesOfSpans(spans: Span[]): Piece[] {
  return tidy(
    spans.map(
      ({ text, style, href }): Piece => [
        text,
        [...colorClass('fg', style.fg), ...colorClass('bg', style.bg)].join(' '),
        href ?? '',
      ],
    ),
  );
}

/** Joins equal neighbours and leaves out spaces at the end, which terminal-to-html trims. */
function tidy(pieces: Piece[]): Piece[] {
  const tidied: Piece[] = [];
  for (const [text, classes, href] of pieces) {
    const last = tidied.at(-1);
    if (last && last[1] === classes && last[2] === href) last[0] += text;
    else tidied.push([text, classes, href]);
  }
  for (let last = tidied.at(-1); last; last = tidied.at(-1)) {
    last[0] = last[0].trimEnd();
    if (last[0] !== '') break;
    tidied.pop();
  }
  return tidied;
}

function renderFile(file: string): Piece[][] {
  let state = INITIAL_STATE;
  return corpusLines(file).map((line) => {
    const rendered = renderLine(line, state);
    state = rendered.state;
    return piecesOfSpans(rendered.spans);
  });
}

/** Of a file; the largest has 138,000 alike. */
const LINES_PER_FILE_MAX = 5000;

const SINGLE_LINE_FILES = ['curl', 'control', 'npm', 'pikachu', 'homer'];

for (const name of SINGLE_LINE_FILES) {
  test(`text, colours and links of ${name} are those of terminal-to-html`, { skip: corpusSkip }, () => {
    const expected = corpusText(`terminal-to-html/${name}.sh.rendered`).split('\n').map(piecesOfHtml);
    const actual = renderFile(`terminal-to-html/${name}.sh.raw`);
    // It leaves out rows at the end that show nothing.
    while (actual.length > expected.length && actual.at(-1)?.length === 0) actual.pop();
    assert.deepEqual(actual, expected);
  });
}

test('links of itermlinks are those of terminal-to-html where no row is left', { skip: corpusSkip }, () => {
  const expected = corpusText('terminal-to-html/itermlinks.sh.rendered').split('\n').map(piecesOfHtml);
  const actual = renderFile('terminal-to-html/itermlinks.sh.raw');
  for (const number of [1, 2, 3, 9, 10, 11, 12, 15, 16, 17, 18, 19, 20]) {
    assert.deepEqual(actual[number - 1], expected[number - 1], `line ${number}`);
  }
});

const XTERM_CASES = [
  't0001-all_printable',
  't0002j-simple_string',
  't0004j-CR',
  't0007-space_at_end',
  't0008-BS',
  't0014-CAN',
  't0015-SUB',
  't0020-CUF',
  't0021-CUB',
  't0030-HPR',
  't0054-ECH',
  't0055-EL',
  't0080-HT',
  't0501-bash_ls',
  't0502-bash_ls_color',
];

function textOf(spans: Span[]): string {
  return spans.map((span) => span.text).join('');
}

const MOVES_ROWS = /\x1b\[\d*[ABHf]|\x1bM/;

/** A row with its tabs laid out. */
function layOutTabs(text: string): string {
  return text.split('\t').reduce((row, part) => `${row}${' '.repeat(8 - (row.length % 8))}${part}`);
}

for (const name of XTERM_CASES) {
  test(`rows of ${name} within 80 columns are those of a terminal, in order`, { skip: corpusSkip }, () => {
    const screen = corpusText(`xterm-escapes/${name}.text`)
      .split('\n')
      .map((row) => row.trimEnd());
    const rows = corpusLines(`xterm-escapes/${name}.in`)
      .filter((line, at, lines) => !MOVES_ROWS.test(line) && !MOVES_ROWS.test(lines[at + 1] ?? ''))
      // Their cursor waits in column 80 after a character there; our row has no right edge.
      .map((line) => line.replace(/^([\x20-\x7e]{80})(?=[\x08\x1b])/, '$1\x1b[80G'))
      .filter((line) => layOutTabs(/^[\x20-\x7e\t]*/.exec(line)?.[0] ?? '').length <= 80)
      .map((line) => layOutTabs(textOf(renderLine(line).spans)).trimEnd())
      .filter((row) => row !== '' && row.length <= 80);
    assert.ok(rows.length > 0);
    let at = 0;
    for (const row of rows) {
      const found = screen.indexOf(row, at);
      assert.ok(found >= 0, `${JSON.stringify(row)} is not on the screen from row ${at} on`);
      at = found + 1;
    }
  });
}

test('the lines of every file render, and their spans map to the stripped text', {
  skip: corpusSkip,
}, () => {
  let lines = 0;
  for (const file of corpusFiles()) {
    let state = INITIAL_STATE;
    for (const line of corpusLines(file).slice(0, LINES_PER_FILE_MAX)) {
      lines++;
      const rendered = renderLine(line, state);
      state = rendered.state;
      const stripped = stripAnsi(line);
      for (const { text, start } of linkUrls(rendered.spans)) {
        assert.doesNotMatch(text, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/, file);
        if (start !== undefined && !stripped.startsWith(text, start)) assert.fail(`${file}: ${JSON.stringify(line)}`);
      }
      groupMarker(line);
    }
  }
  assert.ok(lines > 50_000);
});

test('a captured program shows what its terminal showed', { skip: corpusSkip }, () => {
  const shown = (file: string) =>
    renderFile(`captured-here/${file}`).map((pieces) => pieces.map(([text]) => text).join(''));
  assert.equal(shown('apt-reinstall-progress-fancy.raw')[10], 'Unpacking hello (2.10-3) over (2.10-3) ...');
  assert.equal(shown('apt-zh_CN.raw')[2], '正在读取状态信息... 完成');
  assert.match(shown('pv-progress.raw')[0] ?? '', /^38\.1MiB 0:00:01 .* 100%$/);
  assert.deepEqual(shown('npm-install-pty.raw').slice(1), ['', 'added 4 packages in 478ms', '']);
});
