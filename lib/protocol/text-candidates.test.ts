import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stripAnsi } from '@/lib/terminal/strip-ansi';
import { parseTextQuery } from './text-query-parse';
import { requiredLiterals } from './text-regex-literal';

const LITERALS: Array<[pattern: string, sets: string[][]]> = [
  ['took [0-9]+ ms', [['took '], [' ms']]],
  ['a+bcd', [['a'], ['bcd']]],
  ['ab?cde', [['a'], ['cde']]],
  ['(?:foo|barbaz) x', [['foo', 'barbaz'], [' x']]],
  ['(?P<name>timeout)s{2,}', [['timeout'], ['s']]],
  ['(foo)?bar', [['bar']]],
  ['(foo){0,3}ba', [['ba']]],
  ['(a(bc|d.e)){2}', [['a'], ['bc', 'd']]],
  ['one|two', [['one', 'two']]],
  ['one|t*', []],
  ['x{0}yz', [['yz']]],
  ['a\\.b', [['a.b']]],
  ['[[:alpha:]]x[]abc]yy', [['x'], ['yy']]],
  ['[^]]q', [['q']]],
  ['\\d+\\s*', []],
  ['(?i)abc', []],
  ['a(?i:b)c', []],
  ['\\Qa.b\\E', []],
  ['\\x41bc', []],
  ['\\012abc', []],
  ['täglich', [['t'], ['glich']]],
  ['.*', []],
];

test('tells the texts that a pattern demands, and none where it is not sure', () => {
  for (const [pattern, sets] of LITERALS) assert.deepEqual(requiredLiterals(pattern), sets, pattern);
});

const piece = fc.constantFrom(
  'a',
  'b',
  'S',
  'k',
  '1',
  ' ',
  'ß',
  'ſ',
  'K',
  '.',
  '=',
  ':',
  '"',
  '\\',
  '{',
  '}',
  '😀',
  '\n',
);
const atom = fc.constantFrom(
  'a',
  'b',
  's',
  'K',
  '1',
  '\\.',
  '.',
  '[ab]',
  '[^a]',
  '\\d',
  '\\w',
  'ſ',
  '^',
  '$',
  '\\b',
  ' ',
);
const pattern: fc.Arbitrary<string> = fc.letrec<{ alternation: string; sequence: string; item: string }>((tie) => ({
  alternation: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((branches) => branches.join('|')),
  sequence: fc.array(tie('item'), { minLength: 1, maxLength: 4 }).map((items) => items.join('')),
  item: fc
    .tuple(
      fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        atom,
        tie('alternation').map((inner) => `(${inner})`),
        tie('alternation').map((inner) => `(?:${inner})`),
      ),
      fc.constantFrom('', '', '', '?', '*', '+', '+?', '{2}', '{0,2}', '{1,}'),
    )
    .map(([one, count]) => one + count),
})).alternation;

test('finds a candidate in every message that matches, and exact ones where the query is one text', () => {
  const word = fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join(''));
  const term = fc.oneof(
    word,
    word.map((text) => `-${text}`),
    word.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`),
    pattern.map((source) => `/${source.replaceAll('/', '\\/')}/`),
    fc.tuple(fc.constantFrom('a', 'k.1', 'S'), word).map(([name, value]) => `${name}:${value.trim() || '*'}`),
  );
  const query = fc.array(term, { minLength: 1, maxLength: 3 }).map((terms) => terms.join(' '));
  const message = fc.array(fc.oneof(piece, fc.constantFrom('k1=a', '{"a":"b"}', 'S:a')), { maxLength: 12 });
  fc.assert(
    fc.property(
      query,
      fc.boolean(),
      fc.array(message, { minLength: 1, maxLength: 12 }),
      (source, isCased, messages) => {
        const parsed = parseTextQuery(source, isCased);
        if (!parsed.ok || !parsed.query?.candidates) return;
        const { pattern: candidates, isExact } = parsed.query.candidates;
        for (const text of messages.map((pieces) => stripAnsi(pieces.join('')))) {
          const found = [...text.matchAll(candidates)].map((match) => [match.index, match.index + match[0].length]);
          if (parsed.query.matches(text)) assert.ok(found.length > 0, text);
          if (isExact) assert.deepEqual(found, parsed.query.ranges(text), text);
        }
      },
    ),
    { numRuns: 1500 },
  );
});
