import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { renderLine } from '@/lib/terminal/render-line';
import type { Span } from '@/lib/terminal/span-list';
import { countHiddenMarks, FOLDED_CHARS, foldSpans } from './folded-spans';

function textOf(spans: readonly Span[]): string {
  return spans.map((span) => span.text).join('');
}

test('a line a little over the bound is shown whole', () => {
  assert.equal(foldSpans(renderLine('x'.repeat(4900)).spans), undefined);
  const fold = foldSpans(renderLine('x'.repeat(5000)).spans);
  assert.equal(textOf(fold?.shown ?? []).length, FOLDED_CHARS);
});

test('a line of very many short pieces is folded too', () => {
  const line = Array.from({ length: 3000 }, (_, index) => `\x1b[3${(index % 7) + 1}mx`).join('');
  const fold = foldSpans(renderLine(line).spans);
  assert.equal(fold?.shown.length, 400);
  assert.equal(fold.shown.length + fold.hidden.length, 3000);
  assert.equal(textOf(fold.shown) + textOf(fold.hidden), 'x'.repeat(3000));
});

test('both parts keep the style and the place of their text', () => {
  const line = `${'a'.repeat(3990)}\x1b[31m${'b'.repeat(2000)}\x1b[0m${'c'.repeat(10)}`;
  const fold = foldSpans(renderLine(line).spans);
  assert.deepEqual(
    fold?.shown.map(({ text, start, style }) => [text.length, start, style.fg !== undefined]),
    [
      [3990, 0, false],
      [10, 3990, true],
    ],
  );
  assert.deepEqual(
    fold?.hidden.map(({ text, start, style }) => [text.length, start, style.fg !== undefined]),
    [
      [1990, 4000, true],
      [10, 5990, false],
    ],
  );
});

test('the parts are the text again, and no character is torn', () => {
  const piece = fc.constantFrom('a', '\u{1f600}', '👩‍👩‍👧', 'e\u0301', '字', '👍🏽');
  fc.assert(
    fc.property(
      fc.integer({ min: 3980, max: FOLDED_CHARS }),
      fc.array(piece, { minLength: 20, maxLength: 40 }),
      (before, pieces) => {
        const text = 'x'.repeat(before) + pieces.join('') + 'y'.repeat(2000);
        const fold = foldSpans([{ text, style: {}, start: 0 }]);
        assert.ok(fold);
        const shown = textOf(fold.shown);
        assert.equal(shown + textOf(fold.hidden), text);
        assert.doesNotMatch(shown, /\p{Surrogate}/u);
        let at = before;
        const borders = new Set(pieces.map((each) => (at += each.length)));
        assert.ok(shown.length <= before || borders.has(shown.length) || shown.length === before);
      },
    ),
  );
});

test('matches in the folded part are counted, one across the cut is not', () => {
  const fold = foldSpans(renderLine('x'.repeat(6000)).spans);
  assert.ok(fold);
  assert.equal(
    countHiddenMarks(fold, [
      [0, 3],
      [3998, 4002],
      [4000, 4001],
      [5000, 5003],
    ]),
    2,
  );
  assert.equal(countHiddenMarks(fold, []), 0);
});
