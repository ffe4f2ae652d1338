import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LineFilter } from '@/lib/protocol/filter';
import { matchesLine } from '@/lib/protocol/filter-match';
import { parseTextQuery } from '@/lib/protocol/text-query-parse';
import { toColumns } from '@/lib/store/append-encode';
import { encodeChunk } from '@/lib/store/chunk-codec';
import type { LineInput } from '@/lib/store/line-batch';
import { makeLine } from '@/lib/store/testing/make-lines';
import { searchChunk } from './search-chunk';

type Found = Array<[index: number, ranges: Array<readonly [number, number]>]>;

/** What the simple matcher says, line by line. */
function expected(lines: readonly LineInput[], filter: LineFilter): Found {
  return lines.flatMap((line, index): Found => {
    if (!matchesLine(filter, line, line.timeUs, line.message)) return [];
    return [[index, filter.text?.ranges(line.message) ?? []]];
  });
}

function search(lines: readonly LineInput[], filter: LineFilter, from = 0, to = lines.length): Found {
  const found: Found = [];
  const chunk = encodeChunk(toColumns(lines), 0, lines.length);
  const hooks = { mayLook: () => true, onMatch: (...match: [number, unknown]) => add(...match) };
  const add = (index: number, ranges: unknown) => found.push([index, Array.isArray(ranges) ? ranges : []]) > 0;
  assert.equal(searchChunk(chunk, { from, to }, filter, new Map(), hooks), true);
  return found;
}

function text(source: string, isCased = false) {
  const parsed = parseTextQuery(source, isCased);
  assert.ok(parsed.ok && parsed.query);
  return parsed.query;
}

const PIECES = [
  'ab',
  'ba',
  'a',
  'B',
  'Abb',
  ' ',
  '=',
  'k=',
  'ß',
  'ſ',
  's',
  'S',
  'K',
  'k',
  'İ',
  'i',
  'ı',
  'Σ',
  'ς',
  'é',
  '😀',
  '\n',
  '\r',
  '\t',
  '\\',
  '"',
  '{"a":"b"}',
  '{"\\u0061":"b"}',
  'a:b',
  '12',
  '\x1b[31m',
  '\x1b[0m',
  '\x1b',
  '\x1b]0;ab\x07',
  '\x1b]8;;',
  '\x9b1m',
  '\x9d8;ab\x9c',
  '\x07',
];
const message = fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join(''));
const line = fc.record({
  message,
  level: fc.constantFrom('info' as const, 'error' as const),
  timeUs: fc.integer({ min: 1_000, max: 1_020 }),
});
const QUERIES = [
  'ab',
  'a',
  'S',
  'k',
  'ß',
  'é',
  '😀',
  'ı',
  'Σ',
  '-a',
  '-zz',
  'a b',
  'ab -ba',
  '"b\nb"',
  '"ab ba"',
  '/a+b/',
  '/ab|ba/',
  '/^a/',
  '/b$/',
  '/[ab]{2}/',
  '/(?i)AB/',
  '/s[^a]*k/',
  'a:b',
  'a:*',
  '/a b/ ab',
  '"a"',
  '\\',
  '/[^a]/',
  `${'ab'.repeat(33)}`,
  '/(ab)?ba/',
  '/\x1b/',
];
const filter: fc.Arbitrary<LineFilter> = fc.record(
  {
    levels: fc.constant(new Set(['error' as const])),
    fromUs: fc.integer({ min: 1_000, max: 1_020 }),
    toUs: fc.integer({ min: 1_000, max: 1_021 }),
    text: fc.tuple(fc.constantFrom(...QUERIES), fc.boolean()).map(([source, isCased]) => text(source, isCased)),
  },
  { requiredKeys: [], noNullPrototype: true },
);

test('finds the lines and ranges that the simple matcher finds, in hostile text', () => {
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 30 }),
      filter,
      fc.nat(30),
      fc.nat(30),
      (shapes, one, a, b) => {
        const lines = shapes.map((shape) => makeLine(shape.message, shape));
        const [from, to] = [Math.min(a, b, lines.length), Math.min(Math.max(a, b), lines.length)];
        assert.deepEqual(search(lines, one), expected(lines, one));
        assert.deepEqual(
          search(lines, one, from, to),
          expected(lines, one).filter(([index]) => index >= from && index < to),
        );
      },
    ),
    { numRuns: 3000 },
  );
});

test('never matches across two lines, nor hides a match behind one that does', () => {
  const lines = ['xa', 'aa', '', 'a', 'aaa', 'x'].map((one) => makeLine(one));
  assert.deepEqual(search(lines, { text: text('aa') }), [
    [1, [[0, 2]]],
    [4, [[0, 2]]],
  ]);
});

test('finds the same in text of many pieces, some of them not of ASCII', () => {
  const long = 'x'.repeat(70_000);
  const lines = Array.from({ length: 900 }, (_, index) => {
    if (index % 300 === 7) return makeLine(`${long}needle${long}`);
    return makeLine(
      `${'word '.repeat(60)}${index % 90 === 0 ? 'NEEDLE' : ''}${index > 600 ? ' äöü😀' : ''}${index % 200 === 1 ? ' \x1b[1mnee\x1b[0mdle' : ''}`,
    );
  });
  for (const one of ['needle', 'ö', '/ne+dle/', '-needle', '/.$/ -word']) {
    const filter = { text: text(one) };
    assert.deepEqual(search(lines, filter), expected(lines, filter), one);
    assert.deepEqual(
      search(lines, filter, 301, 640),
      expected(lines, filter).filter(([index]) => index >= 301 && index < 640),
    );
  }
});

test('reads neither text nor columns of a chunk that its facets or times rule out', () => {
  const chunk = {
    ...encodeChunk(toColumns([makeLine('a', { timeUs: 5 })]), 0, 1),
    attrs: Buffer.of(255),
    body: Buffer.of(255),
  };
  const hooks = { mayLook: () => true, onMatch: () => assert.fail('a line was found') };
  for (const one of [{ levels: new Set(['error' as const]) }, { fromUs: 6 }, { toUs: 5 }]) {
    assert.equal(searchChunk(chunk, { from: 0, to: 1 }, { ...one, text: text('a') }, new Map(), hooks), true);
  }
});

test('stops where it is told to, also between lines that do not match', () => {
  const lines = Array.from({ length: 1000 }, () => makeLine('nothing'));
  const chunk = encodeChunk(toColumns(lines), 0, lines.length);
  let asked = 0;
  const hooks = { mayLook: () => ++asked !== 2, onMatch: () => assert.fail('a line was found') };
  assert.equal(searchChunk(chunk, { from: 0, to: 1000 }, { text: text('/x\\d/ -nothing') }, new Map(), hooks), true);
  assert.equal(searchChunk(chunk, { from: 0, to: 1000 }, { text: text('/[x-z]{3}/') }, new Map(), hooks), false);
  assert.equal(asked, 2);
});
