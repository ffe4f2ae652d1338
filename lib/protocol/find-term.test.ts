import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FindState, faultPlace, findTerm, joinTerms, NO_FIND } from './find-term';
import { parseTextQuery } from './text-query-parse';

const find = (text: string, more: Partial<FindState> = {}): FindState => ({ ...NO_FIND, text, ...more });

function matches(term: string, message: string, isCaseSensitive = false): boolean {
  const parsed = parseTextQuery(term, isCaseSensitive);
  assert.ok(parsed.ok, `${term}: ${parsed.ok ? '' : parsed.detail}`);
  return parsed.query?.matches(message) ?? true;
}

test('a text is found as it is written, whatever signs it has', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme-ascii' }),
      fc.boolean(),
      (text, isQueryCase) => {
        const term = findTerm(find(text), isQueryCase);
        assert.ok(matches(term, `before ${text} after`, isQueryCase), term);
        assert.ok(!matches(term, 'ÄÖÜ', isQueryCase), term);
      },
    ),
  );
});

test('the case rule is the search’s own, also inside a query with the other one', () => {
  const sensitive = find('Error', { isCaseSensitive: true });
  assert.equal(matches(findTerm(sensitive, false), 'an error', false), false);
  assert.equal(matches(findTerm(sensitive, false), 'an Error', false), true);
  const insensitive = find('Error');
  assert.equal(matches(findTerm(insensitive, true), 'an ERROR', true), true);
});

test('an expression may hold slashes and is joined to a filter', () => {
  assert.equal(findTerm(find('a/b\\/c', { isRegex: true })), '/a\\/b\\/c/');
  assert.ok(matches(findTerm(find('/var/\\w+', { isRegex: true })), 'in /var/log'));
  assert.equal(joinTerms('level:warn ', '"x"'), 'level:warn "x"');
  assert.equal(joinTerms('', '"x"'), '"x"');
});

test('a fault has its place in what the reader typed', () => {
  for (const [text, place] of [
    ['line (17', 5],
    ['/var/(log', 5],
    ['a/b/c/[', 6],
  ] as const) {
    const state = find(text, { isRegex: true });
    const parsed = parseTextQuery(findTerm(state), false);
    assert.ok(!parsed.ok);
    assert.equal(faultPlace(state, parsed.at), place);
  }
});

test('nothing is no term', () => {
  assert.equal(findTerm(NO_FIND), '');
});
