import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseTextQuery } from '@/lib/protocol/text-query-parse';
import {
  addHighlight,
  coloredMarks,
  compileHighlights,
  HIGHLIGHT_COLORS,
  highlightRanges,
  removeHighlight,
} from './highlight-terms';

function rangesOf(texts: string[], message: string) {
  return highlightRanges(compileHighlights(texts, parseTextQuery), message);
}

test('a term keeps its colour when another is taken out, and the free one is used next', () => {
  assert.deepEqual(addHighlight(['a', 'b'], ' c '), ['a', 'b', 'c']);
  assert.deepEqual(addHighlight(['a'], 'a'), ['a']);
  assert.deepEqual(addHighlight(['a'], ' '), ['a']);
  assert.deepEqual(removeHighlight(['a', 'b', 'c'], 0), ['', 'b', 'c']);
  assert.deepEqual(addHighlight(['', 'b', 'c'], 'd'), ['d', 'b', 'c']);
  assert.deepEqual(removeHighlight(['', 'b'], 1), []);
  const full = Array.from({ length: HIGHLIGHT_COLORS }, (_, index) => String(index));
  assert.deepEqual(addHighlight(full, 'one more'), full);
});

test('terms are of the filter’s grammar, and what is not valid there is taken as it is written', () => {
  assert.deepEqual(rangesOf(['retry', '', '/\\d+ ms/'], 'Retry after 20 ms'), [
    { start: 0, end: 5, color: 0 },
    { start: 12, end: 17, color: 2 },
  ]);
  assert.deepEqual(rangesOf(['/(/'], 'in /(/ it is'), [{ start: 3, end: 6, color: 0 }]);
  assert.deepEqual(rangesOf(['say "hi'], 'they say "hi" twice'), [{ start: 5, end: 12, color: 0 }]);
  assert.deepEqual(rangesOf(['a -b'], 'a b'), [], 'a line that the term excludes is not highlighted');
});

test('where terms meet the earlier one has the text, and a match of the search has it before all', () => {
  const terms = compileHighlights(['cd', 'abcdef'], parseTextQuery);
  assert.deepEqual(highlightRanges(terms, 'abcdef'), [
    { start: 0, end: 2, color: 1 },
    { start: 2, end: 4, color: 0 },
    { start: 4, end: 6, color: 1 },
  ]);
  assert.deepEqual(coloredMarks(terms, 'abcdef', [[3, 5]]), [
    [0, 2, 1],
    [2, 3, 0],
    [3, 5],
    [5, 6, 1],
  ]);
});

test('whatever the ranges are, marks are disjoint and each place has the first that covers it', () => {
  const ranges = fc
    .uniqueArray(fc.nat(30), { maxLength: 8 })
    .map((ends) => ends.toSorted((a, b) => a - b))
    .map((ends) => ends.flatMap((end, i): Array<[number, number]> => (i % 2 ? [[ends[i - 1] ?? 0, end]] : [])));
  fc.assert(
    fc.property(ranges, fc.array(ranges, { maxLength: 3 }), (matches, lists) => {
      const terms = lists.map((list, color) => ({ color, rangesOf: () => list }));
      const marks = coloredMarks(terms, '', matches);
      let last = 0;
      for (const [start, end] of marks) {
        assert.ok(start >= last && end > start);
        last = end;
      }
      const covers = (list: ReadonlyArray<readonly [number, number, number?]>, at: number) =>
        list.find(([start, end]) => at >= start && at < end);
      for (let at = 0; at <= 30; at++) {
        const color = covers(matches, at) ? 'match' : terms.find((term) => covers(term.rangesOf(), at))?.color;
        const mark = covers(marks, at);
        assert.equal(mark ? (mark[2] ?? 'match') : undefined, color);
      }
    }),
  );
});
