import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { stripAnsi } from '@/lib/terminal/strip-ansi';
import type { TextQuery } from './text-query';
import { parseTextQuery, QUERY_CHARS_MAX } from './text-query-parse';

function compile(source: string, caseSensitive = false): TextQuery {
  const parsed = parseTextQuery(source, caseSensitive);
  assert.ok(parsed.ok, `${source}: ${parsed.ok ? '' : parsed.detail}`);
  assert.ok(parsed.query, `${source} has no term`);
  return parsed.query;
}

type Case = [query: string, message: string, matches: boolean, options?: { case: true }];

function check(cases: Case[]): void {
  for (const [query, message, expected, options] of cases) {
    assert.equal(compile(query, options?.case).matches(message), expected, `${query} on ${message}`);
  }
}

describe('text terms', () => {
  it('all have to match, in any order and case', () => {
    check([
      ['error', 'An ERROR came', true],
      ['error', 'An ERROR came', false, { case: true }],
      ['ERROR', 'An ERROR came', true, { case: true }],
      ['came error', 'An ERROR came', true],
      ['came error', 'An ERROR went', false],
      ['rro', 'An ERROR came', true],
      ['a.c', 'abc', false],
      ['(x)[y]{z}', 'f(x)[y]{z}', true],
    ]);
  });

  it('take quoted words as one text, with escapes', () => {
    check([
      ['"two words"', 'the two words', true],
      ['"two words"', 'two  words', false],
      ['"say \\"hi\\""', 'they say "hi"', true],
      ['"a\\\\"', 'a\\b', true],
      ['"C:\\temp"', 'in C:\\temp', true],
      ['"name:value"', 'name=value', false],
      ['"/a/"', 'x/a/y', true],
      ['"-x"', 'a -x', true],
      ['"a""b"', 'b a', true],
      ['it"s', 'it"s', true],
    ]);
  });

  it('exclude with a dash', () => {
    check([
      ['-debug', 'info: x', true],
      ['-debug', 'DEBUG: x', false],
      ['x -"two words"', 'x two words', false],
      ['x -"two words"', 'x two', true],
      ['-/^info/', 'info: x', false],
      ['-/^info/', 'x info', true],
      ['-status:500', '{"status":500}', false],
      ['-status:500', '{"status":200}', true],
      ['--force', 'git push --force', true],
      ['--force', 'git push', false],
      ['a - b', 'a - b', true],
      ['a - b', 'a b', false],
    ]);
  });

  it('stay text where they look like addresses, times and paths', () => {
    check([
      ['http://example.org', 'GET http://example.org/x', true],
      ['12:30', 'at 12:30:01', true],
      ['std::vector', 'in std::vector<int>', true],
      ['C:\\logs', 'C:\\logs\\a.txt', true],
      ['error:', 'error: x', true],
      ['/var/log/app.log', 'open /var/log/app.log', true],
      ['/etc', 'open /etc/passwd', true],
      ['//', 'a // b', true],
      ['localhost:8080', 'on http://localhost:8080/x', true],
      ['localhost:80', 'on http://localhost:8080/x', false],
      ['server.js:120', '{"stack":"at server.js:120:5"}', true],
    ]);
  });

  it('ignore case by folding that keeps the length of the message', () => {
    check([
      ['straße', 'STRAßE', true],
      ['i', 'İ', false],
      ['ΣΑΣ', 'σας', true],
      ['é', 'É', true],
      ['ж', 'Ж', true],
      ['é', 'É', false, { case: true }],
      ['🚀', 'go 🚀', true],
      [`${'long '.repeat(20).trim()}`.replaceAll(' ', '_'), 'LONG_'.repeat(20), true],
    ]);
    assert.deepEqual(compile('x').ranges('İİx'), [[2, 3]]);
    assert.deepEqual(compile('x').ranges('🚀x'), [[2, 3]]);
  });
});

describe('regular expressions', () => {
  it('search anywhere in the message, with the case of the query', () => {
    check([
      ['/timed? out/', 'it Time out', true],
      ['/timed? out/', 'it Time out', false, { case: true }],
      ['/^a.c$/', 'abc', true],
      ['/^a.c$/', 'xabc', false],
      ['/a\\/b/', 'a/b', true],
      ['/\\d{3}/ x', 'x 123', true],
      ['/\\p{Greek}/', 'αβ', true],
      ['/a b/ c', 'c a b', true],
    ]);
  });

  it('stay linear on patterns that make a backtracking engine hang', () => {
    const message = `${'a'.repeat(50_000)}!`;
    for (const pattern of ['(a+)+$', '(a|aa)+$', '(.*a){20}$', '(x+x+)+y']) {
      assert.equal(compile(`/${pattern}/`).matches(message), false, pattern);
    }
  });

  it('mark a bounded number of matches where each of them looks at the rest of the line', () => {
    const ranges = compile('/.*x|a/').ranges('a'.repeat(100_000));
    assert.ok(ranges.length >= 10 && ranges.length < 1000, `${ranges.length} ranges`);
    assert.equal(compile('/.*x|a/').ranges('a'.repeat(1000)).length, 1000);
    assert.deepEqual(ranges[0], [0, 1]);
  });
});

describe('fields', () => {
  const json =
    '{"level":"Warn","user":{"id":17,"name":"Bob Ross"},"ok":true,"none":null,"tags":["web","db"],"service.name":"api"}';
  const logfmt = 'ts=12 level=warn msg="two words \\"x\\" inner=1" status=500, path=/a/b dur=1.5ms empty= user.id=17';

  it('are found in JSON by their dotted name', () => {
    check([
      ['level:warn', json, true],
      ['LEVEL:WARN', json, true],
      ['level:warn', json, false, { case: true }],
      ['level:Warn', json, true, { case: true }],
      ['level:war', json, false],
      ['user.id:17', json, true],
      ['user.id:1', json, false],
      ['id:17', json, false],
      ['user.name:"bob ross"', json, true],
      ['ok:true', json, true],
      ['none:null', json, true],
      ['tags:db', json, true],
      ['tags.0:web', json, true],
      ['tags.0:db', json, false],
      ['service.name:api', json, true],
      ['user:17', json, false],
      ['level:warn', `2024-01-15T10:30:45Z stdout ${json}`, true],
      ['n\u00e4me:x', '{"n\\u00e4me":"x"}', true],
      ['a.b.c:1', '{"a.b":{"c":1}}', true],
      ['__proto__:*', '{"a":1}', false],
      ['toString:*', '{"a":1}', false],
      ['a:1', '{"a":1', false],
    ]);
  });

  it('are found in logfmt, also among prose', () => {
    check([
      ['level:warn', logfmt, true],
      ['evel:warn', logfmt, false],
      ['msg:"two words \\"x\\" inner=1"', logfmt, true],
      ['inner:1', logfmt, false],
      ['status:500', logfmt, true],
      ['status:50', logfmt, false],
      ['path:"/a/b"', logfmt, true],
      ['dur:1.5ms', logfmt, true],
      ['empty:""', logfmt, true],
      ['user.id:17', logfmt, true],
      ['user:bob', 'login (user=bob) done', true],
      ['b:2', 'a=1,b=2', true],
      ['port:80', 'serve --port=80', true],
    ]);
  });

  it('are found by presence with a star', () => {
    check([
      ['user.id:*', json, true],
      ['user:*', json, true],
      ['none:*', json, true],
      ['other:*', json, false],
      ['empty:*', logfmt, true],
      ['error:*', 'error: not a field', false],
      ['-other:*', json, true],
    ]);
  });

  it('take time in proportion to a hostile message', () => {
    const query = compile('a:2 b:*');
    for (const message of ['a=1,'.repeat(30_000), 'a="'.repeat(40_000), '{"a":'.repeat(20_000), 'a='.repeat(60_000)]) {
      assert.equal(query.matches(message), false);
    }
  });
});

describe('ranges', () => {
  const cases: Array<[query: string, message: string, ranges: Array<[number, number]>]> = [
    [
      'l',
      'hello',
      [
        [2, 3],
        [3, 4],
      ],
    ],
    ['aa', 'aaa', [[0, 2]]],
    ['abc bcd', 'abcd', [[0, 4]]],
    ['error -x', 'Error a', [[0, 5]]],
    ['-x', 'Error a', []],
    [
      'red',
      '\x1b[31mred\x1b[0m red',
      [
        [0, 3],
        [4, 7],
      ],
    ],
    ['edre', '\x1b[31mred\x1b[0mred', [[1, 5]]],
    ['/a*/', 'baac', [[1, 3]]],
    [
      '/x|🚀/',
      '🚀x',
      [
        [0, 2],
        [2, 3],
      ],
    ],
    ['status:500', 'GET status=500 ok', [[4, 14]]],
    ['status:500', '{"status": 500}', [[1, 14]]],
    ['app.js:12', 'at app.js:12', [[3, 12]]],
    ['user:*', '{"user": {}}', [[1, 7]]],
  ]; // prettier-ignore

  for (const [query, message, expected] of cases) {
    it(`of ${query} in ${JSON.stringify(message)}`, () => {
      assert.ok(compile(query).matches(message) === true);
      assert.deepEqual(compile(query).ranges(message), expected);
    });
  }

  it('are sorted, disjoint and inside the stripped message, and there for each positive text', () => {
    const word = fc.stringMatching(/^[a-cİß🚀]{1,3}$/u);
    const message = fc.array(fc.constantFrom('a', 'b', 'c', 'A', 'İ', 'ß', '🚀', ' ', '\x1b[1m'), { maxLength: 40 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 3 }), message, (words, parts) => {
        const query = compile(words.join(' '));
        const text = parts.join('');
        const ranges = query.ranges(text);
        const length = stripAnsi(text).length;
        let last = 0;
        for (const [start, end] of ranges) {
          assert.ok(start >= last && end > start && end <= length);
          last = end;
        }
        if (query.matches(text)) assert.ok(ranges.length > 0);
      }),
    );
  });
});

describe('a query that is not valid', () => {
  const cases: Array<[query: string, at: number, detail: RegExp]> = [
    ['a "b', 2, /quotation mark/],
    ['-"b', 1, /quotation mark/],
    ['name:"b', 5, /quotation mark/],
    ['a /(/', 3, /missing closing \)/],
    ['/[(]a(b(c)/', 5, /missing closing \)/],
    ['/\\(a)b(c)/', 4, /unexpected \)/],
    ['/[/', 1, /missing closing \]/],
    ['-/a**/', 3, /nested repetition/],
    ['/ab(?=c)/', 3, /not valid \(RE2 syntax\)/],
    ['/(a)\\1/', 4, /invalid escape/],
    ['/x{1001}/', 1, /too large/],
    [`/${'x{1000}'.repeat(20)}/`, 1, /too large/],
    ['/((a{90}){10}){2}/', 1, /too large/],
    [`/${'(.{90}){10}'.repeat(3)}/`, 1, /too large/],
    ['/(x{9}){5}/ '.repeat(6), 48, /too large/],
    ['x'.repeat(QUERY_CHARS_MAX + 1), QUERY_CHARS_MAX, /at most 1000 characters/],
    ['a '.repeat(33), 64, /at most 32 terms/],
  ];

  for (const [source, at, detail] of cases) {
    it(`says where: ${source.slice(0, 20)}`, () => {
      const parsed = parseTextQuery(source, false);
      assert.ok(!parsed.ok, 'accepted');
      assert.match(parsed.detail, detail);
      assert.equal(parsed.at, at);
    });
  }

  it('restricts nothing where it holds no term', () => {
    for (const source of ['', '   ', '""', ' "" '])
      assert.deepEqual(parseTextQuery(source, false), { ok: true, query: undefined });
  });
});

it('never throws, whatever the query and the message', () => {
  const query = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc
      .array(
        fc.constantFrom('"', '\\', '/', '-', ':', 'a', '(', ')', '[', ']', '{2}', '*', ' ', 'name:', '=', '\ud800'),
        { maxLength: 20 },
      )
      .map((parts) => parts.join('')),
  );
  const message = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constantFrom('a="', '{"a":{}}', 'name=a'));
  fc.assert(
    fc.property(query, message, fc.boolean(), (source, text, caseSensitive) => {
      const parsed = parseTextQuery(source, caseSensitive);
      if (!parsed.ok) {
        assert.ok(parsed.at >= 0 && parsed.at <= source.length);
        return;
      }
      parsed.query?.matches(text);
      parsed.query?.ranges(text);
    }),
    { numRuns: 500 },
  );
});
