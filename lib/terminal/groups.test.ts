import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { type GroupMarker, groupMark, groupMarker } from './groups';
import { corpusLines, corpusSkip } from './testing/corpus';

const MARKERS: [line: string, marker: GroupMarker][] = [
  ['::group::Install', { kind: 'start', title: 'Install' }],
  ['::group::', { kind: 'start', title: '' }],
  ['::endgroup::', { kind: 'end', title: '' }],
  ['##[group]Run \x1b[36mnpm ci\x1b[0m\r', { kind: 'start', title: 'Run npm ci' }],
  ['##[endgroup]', { kind: 'end', title: '' }],
  ['2026-07-29T23:48:08.5823480Z ##[group]Run it', { kind: 'start', title: 'Run it' }],
  ['\ufeff2026-07-29T23:48:08.5823480Z ##[group]Run it', { kind: 'start', title: 'Run it' }],
  ['2026-07-29T23:48:08.5833498Z ##[endgroup]', { kind: 'end', title: '' }],
  [
    '\x1b[0Ksection_start:1560896352:my_first.section\r\x1b[0K\x1b[36;1mHeader of the section\x1b[0;m',
    { kind: 'start', title: 'Header of the section', name: 'my_first.section', collapsed: false },
  ],
  [
    'section_start:1560896352:s[collapsed=true]\r\x1b[0KTitle',
    { kind: 'start', title: 'Title', name: 's', collapsed: true },
  ],
  [
    'section_start:1560896352:s[hide_duration=true,collapsed=true]\r\x1b[0KTitle',
    { kind: 'start', title: 'Title', name: 's', collapsed: true },
  ],
  ['section_end:1560896353:s\r\x1b[0K', { kind: 'end', title: '', name: 's' }],
  [
    'section_end:1:a\r\x1b[0K\x1b[0Ksection_start:2:b\r\x1b[0K\x1b[0K\x1b[36;1mNext\x1b[0;m',
    { kind: 'start', title: 'Next', name: 'b', collapsed: false, closes: ['a'] },
  ],
  [
    'section_end:1:inner\r\x1b[0Ksection_end:2:outer\r\x1b[0K',
    { kind: 'end', title: '', name: 'outer', closes: ['inner'] },
  ],
  ['2024-05-22T12:43:46.962646Z 00O section_end:1:a\r\x1b[0K', { kind: 'end', title: '', name: 'a' }],
  ['--- :docker: Building', { kind: 'header', title: ':docker: Building', collapsed: true }],
  ['+++ Tests', { kind: 'header', title: 'Tests', collapsed: false }],
  ['\x1b[90m~~~\x1b[0m Preparing', { kind: 'header', title: 'Preparing', collapsed: true }],
  ['\x1b_bk;t=1691998023893\x07~~~ Preparing', { kind: 'header', title: 'Preparing', collapsed: true }],
];

for (const [line, marker] of MARKERS) {
  test(`${JSON.stringify(line)} is a marker`, () => assert.deepEqual(groupMarker(line), marker));
}

test('a marker without its title is the same marker otherwise', () => {
  for (const [line, marker] of MARKERS) assert.deepEqual(groupMark(line), { ...marker, title: '' });
});

test('a title is cut to its first thousand characters', () => {
  assert.equal(groupMarker(`::group::${'x'.repeat(1000)}`)?.title, 'x'.repeat(1000));
  assert.equal(groupMarker(`--- ${'x'.repeat(1001)}`)?.title, 'x'.repeat(1000));
  assert.equal(groupMarker(`::group::${'x'.repeat(999)}😀`)?.title, 'x'.repeat(999));
  assert.equal(groupMarker(`section_start:1:s\r\x1b[0K${'y'.repeat(2 ** 17)}`)?.title, 'y'.repeat(1000));
});

test('a marker with all the names that are kept, the longest, is found whole', () => {
  const names = Array.from({ length: 9 }, (_, n) => `${n}`.repeat(256));
  const ends = names.slice(1).map((name) => `\x1b[0Ksection_end:1560896353:${name}\r\x1b[0K`);
  assert.deepEqual(
    groupMarker(`${ends.join('')}section_start:1560896353:${names[0]}\r\x1b[0K\x1b[36;1m${'t'.repeat(1000)}`),
    {
      kind: 'start',
      title: 't'.repeat(1000),
      name: names[0],
      collapsed: false,
      closes: names.slice(1),
    },
  );
});

for (const [start, repeated, title] of [
  ['::group::', '\x07x', 'x '.repeat(500).trim()],
  ['::group::', '\x1b[m', ''],
  ['--- ', '\x07x', 'x '.repeat(500).trim()],
  ['section_start:1:s\r', '\x07x', 'x '.repeat(500).trim()],
] as const) {
  test(`of a title of 128 KiB of ${JSON.stringify(repeated)} behind ${JSON.stringify(start)} only the start is kept`, () => {
    assert.equal(groupMarker(start + repeated.repeat(2 ** 17 / repeated.length))?.title, title);
  });
}

const PLAIN = [
  '',
  'text ::group::x',
  ' ::group::x',
  '::error::x',
  '##[error]x',
  '::group:x',
  'section_start:soon:name\r',
  'section_start:1560896352:name and text',
  'a section_end:1560896353:s\r',
  '---',
  '----- x',
  ' --- x',
  '--- a/lib/feed/tail.ts',
  '+++ b/lib/feed/tail.ts',
  '--- /dev/null',
  '--- old.txt\t2024-01-15 10:00:00',
  '--- FAIL: TestAppend (0.01s)',
  '2024-01-15 10:00:00 --- x',
  '\x1b[31m',
];

for (const line of PLAIN) {
  test(`${JSON.stringify(line)} is no marker`, () => assert.equal(groupMarker(line), undefined));
}

test('groups of a real GitHub job open and close in turn', { skip: corpusSkip }, () => {
  let open = 0;
  let groups = 0;
  for (const line of corpusLines('github-actions/error_log1.txt')) {
    const kind = groupMarker(line)?.kind;
    if (kind === 'start') groups++;
    if (kind === 'start' || kind === 'end') open += kind === 'start' ? 1 : -1;
    assert.ok(open === 0 || open === 1, line);
  }
  assert.ok(groups > 10);
});

test('headers of a real Buildkite job are found', { skip: corpusSkip }, () => {
  const headers = corpusLines('buildkite/log_cudagraph_cuda_init_fail.txt').flatMap(
    (line) => groupMarker(line)?.title ?? [],
  );
  assert.equal(headers.length, 3);
  assert.equal(headers[1], 'Running global pre-exit hook');
});

/** Ends what takes the square of the line's length: minutes, where a line of this length takes milliseconds. */
const HOSTILE_TIMEOUT_MS = 10_000;
const HOSTILE_LENGTH = 2 ** 20;
const HOSTILE: [start: string, repeated: string, end: string][] = [
  ['', '\x1b[m', ''],
  ['', '\x1b[31;1m', 'x'],
  ['\x1b[0m', '\x1b[1m', '\x1b['],
  ['\ufeff', '\x1b[m', 'x'],
  ['2026-07-29T23:48:08.58Z 00O ', '\x1b[m', 'x'],
  ['\x1b[m2026-07-29T23:48:08.58Z ', '\x1b[m', 'x'],
  ['2026-07-29T', '1:', 'x'],
  ['\x1b[', '1;', '\x00'],
  ['', '\x1b]0;', ''],
  ['', '\x9d0;', ''],
  ['\x9d', '1', ''],
  ['', '\x1bk', ''],
  ['', '\x1b(', ''],
  ['', '\x9b', ''],
  ['', 'section_end:1:a\r', ''],
  ['section_start:', '1', ''],
  ['section_start:1:a[', 'x=', ''],
  ['--- ', 'x\t', ''],
  ['--- ', '\t1234', ''],
  ['::group::', '\x07 ', 'x'],
];

for (const [start, repeated, end] of HOSTILE) {
  const shape = [start, repeated, end].map((part) => JSON.stringify(part)).join(', ');
  test(`a line of a MiB of ${shape} is answered`, () => {
    const line = start + repeated.repeat(HOSTILE_LENGTH / repeated.length) + end;
    assert.doesNotThrow(() =>
      runInNewContext('find(line)', { find: groupMarker, line }, { timeout: HOSTILE_TIMEOUT_MS }),
    );
  });
}

test('no text makes it throw', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '::group::',
      '##[group]',
      'section_end:1:a\r',
      'section_start:1:b\r',
      '\x1b[0K',
      '--- ',
      '2024-01-15T10:00:00Z ',
    ),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  fc.assert(fc.property(fc.array(piece), (pieces) => assert.doesNotThrow(() => groupMarker(pieces.join('')))));
});
