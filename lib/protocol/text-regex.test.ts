import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { filterOrThrow } from '@/lib/errors/bad-filter';
import { isStratalError } from '@/lib/errors/stratal-error';
import { parseFilter } from './filter-parse';
import { parseTextQuery } from './text-query-parse';

const WORDS = [
  'error|warning|failed|timeout|refused|denied|exception|fatal|panic|abort',
  'killed|crashed|missing|invalid|unknown|corrupt|unreachable|unavailable|rejected|overflow',
].join('|');

const IN_USE: Array<[what: string, pattern: string, message: string]> = [
  ['twenty words', WORDS, 'the host is unreachable'],
  ['a word', '\\w+', 'word'],
  ['an address', '\\d{1,3}(\\.\\d{1,3}){3}', 'from 10.0.0.255'],
  [
    'an exact address',
    '\\b(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\b',
    'from 10.0.0.255',
  ],
  ['an IPv6 address', '(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}', 'to 2001:db8:0:0:0:0:0:1'],
  [
    'a time',
    '\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})',
    'at 2024-01-15T10:30:45.123+02:00',
  ],
  ['a UUID', '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', 'c3f1c1de-0000-4000-8000-000000000001'],
  ['a SHA-256', '\\b[0-9a-f]{64}\\b', `sha ${'0a'.repeat(32)}`],
  ['classes of Unicode', '[\\p{Greek}\\p{Cyrillic}\\p{Han}]{2,20} \\p{Lu}\\p{Ll}*', 'Привет Мир'],
  ['words that are near', 'start\\W+(?:\\w+\\W+){0,20}end', 'start of what has no end'],
  [
    'a line of an access log',
    '^(\\S+) (\\S+) (\\S+) \\[([^\\]]+)\\] "(GET|POST|PUT|DELETE|HEAD|PATCH) (\\S+) HTTP\\/[\\d.]+" (\\d{3}) (\\d+|-) "([^"]*)" "([^"]*)"$',
    '::1 - - [15/Jan/2024:10:30:45 +0000] "GET / HTTP/1.1" 200 17 "-" "curl/8"',
  ],
];

describe('regular expressions in use', () => {
  for (const [what, pattern, message] of IN_USE) {
    test(`are taken: ${what}`, () => {
      for (const caseSensitive of [false, true]) {
        const parsed = parseTextQuery(`/${pattern}/`, caseSensitive);
        assert.ok(parsed.ok, parsed.ok ? '' : parsed.detail);
        assert.equal(parsed.query?.matches(message), true);
      }
    });
  }
});

test('an expression that takes milliseconds for each line is refused with what to do about it', () => {
  for (const q of ['/[a-z ].{990}[^a]/', '/[a-z ].{300}[^a]/', '/(.{20}x){15}/', `/x.{100}/ /y.{100}/ /z.{100}/`]) {
    assert.throws(
      () => filterOrThrow(parseFilter(new URLSearchParams({ q }))),
      (error) => {
        assert.ok(isStratalError(error), q);
        assert.deepEqual([error.status, error.code, error.members.field], [400, 'STRATAL_BAD_FILTER', 'q']);
        assert.match(error.message, /too large; use smaller counts in \{ \} or fewer alternatives/);
        return true;
      },
    );
  }
});
