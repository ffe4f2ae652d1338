import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linkUrls } from './links';
import { renderLine } from './render-line';

function hrefs(text: string): string[] {
  return linkUrls([{ text, style: {}, start: 0 }]).flatMap((span) => span.href ?? []);
}

const CASES: [text: string, ...links: string[]][] = [
  ['see http://a.b/c.', 'http://a.b/c'],
  ['is it https://a.b/c? yes', 'https://a.b/c'],
  ['(https://en.wikipedia.org/wiki/Rust_(language))', 'https://en.wikipedia.org/wiki/Rust_(language)'],
  ['[docs](https://a.b/c), more', 'https://a.b/c'],
  ["'https://a.b/c'", 'https://a.b/c'],
  ['<https://a.b/c>', 'https://a.b/c'],
  ['GET https://a.b/c: 404', 'https://a.b/c'],
  ['**https://a.b/c**', 'https://a.b/c'],
  ['https://a.b/c… und https://d.e/f;', 'https://a.b/c', 'https://d.e/f'],
  ['{"url":"https://a.b/c","n":1}', 'https://a.b/c'],
  ['{"text":"https://a.b/c\\nnext"}', 'https://a.b/c'],
  ['url=https://a.b/c?d=e&f=g#h', 'https://a.b/c?d=e&f=g#h'],
  [
    'http://localhost:8080/x http://127.0.0.1:3000 http://[::1]:80/',
    'http://localhost:8080/x',
    'http://127.0.0.1:3000',
    'http://[::1]:80/',
  ],
  ['http://db:5432', 'http://db:5432'],
  ['http://user@host.org/p', 'http://user@host.org/p'],
  ['HTTPS://A.B/C', 'HTTPS://A.B/C'],
  ['https://例え.jp/パス。', 'https://例え.jp/パス'],
  ['https://a.b/1\nhttps://a.b/2', 'https://a.b/1', 'https://a.b/2'],
  ['mailto:ops@example.org.', 'mailto:ops@example.org'],
  ['ops@example.org www.example.org example.org //a.b 10.0.0.1:80'],
  ['ftp://a.b javascript:alert(1) data:text/html,x file:///etc'],
  ['git+https://a.b/c.git xhttp://a.b http:// https:/a.b'],
];

for (const [text, ...links] of CASES) {
  test(`links of ${JSON.stringify(text)}`, () => assert.deepEqual(hrefs(text), links));
}

test('a URL over several styles is one link, and each part keeps its style and start', () => {
  const { spans } = renderLine('at \x1b[36mhttp://localhost:\x1b[1m5173\x1b[22m/\x1b[0m now');
  assert.deepEqual(
    linkUrls(spans).map(({ text, href, start }) => [text, href, start]),
    [
      ['at ', undefined, 0],
      ['http://localhost:', 'http://localhost:5173/', 3],
      ['5173', 'http://localhost:5173/', 20],
      ['/', 'http://localhost:5173/', 24],
      [' now', undefined, 25],
    ],
  );
});

test("a terminal's own link keeps its address", () => {
  const { spans } = renderLine('\x1b]8;;https://real.example/\x07https://shown.example/\x1b]8;;\x07');
  assert.deepEqual(linkUrls(spans), spans);
});

test('an address longer than a link may be stays text, whole', () => {
  const long = `https://a.b/${'x'.repeat(3000)}`;
  assert.deepEqual(linkUrls([{ text: long, style: {} }]), [{ text: long, style: {} }]);
});

test('linking never changes the text, and links are safe', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'http://',
      'https://a.b',
      'mailto:a@b.cc',
      ' ',
      '"',
      '(',
      ')',
      '.',
      ':',
      '\x1b[1m',
      '\x1b[0m',
      'javascript:',
    ),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const { spans } = renderLine(pieces.join(''));
      const linked = linkUrls(spans);
      assert.equal(linked.map((span) => span.text).join(''), spans.map((span) => span.text).join(''));
      for (const { href } of linked) if (href !== undefined) assert.match(href, /^(?:https?:\/\/|mailto:)\S+$/i);
    }),
    { numRuns: 500 },
  );
});
