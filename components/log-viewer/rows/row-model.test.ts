import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FoldRow, RowList } from './row';
import { RowModel } from './row-model';
import { attemptOf, drawn, inputOf, linesOf } from './testing/row-input';

function rowsOf(messages: Parameters<typeof linesOf>[0], change: Parameters<typeof inputOf>[1] = {}): string[] {
  return drawn(new RowModel().update(inputOf(linesOf(messages), change)));
}

function foldRow({ items }: RowList, kind: FoldRow['kind'], nth = 0): FoldRow {
  const row = items.filter((item) => item.kind !== 'line' && item.kind === kind)[nth];
  assert.ok(row && row.kind !== 'line');
  return row;
}

const GITHUB = [
  'before',
  '::group::Install',
  'one',
  { message: 'two', level: 'warn' as const },
  '::endgroup::',
  'after',
];

test('a group of a run that was over is one row, with what is inside it', () => {
  assert.deepEqual(rowsOf(GITHUB), ['before', '> Install: 2 lines, 0 errors, 1 warnings, 3 s', 'after']);
});

test('a group of a run that goes on is open where its format does not say, and its end marker is no row', () => {
  assert.deepEqual(rowsOf(GITHUB, { wasOver: false }), [
    'before',
    'v Install: 2 lines, 0 errors, 1 warnings, 3 s',
    '  one',
    '  two',
    'after',
  ]);
});

test('a group with an error is open', () => {
  assert.deepEqual(rowsOf(['##[group]Test', { message: 'bad', level: 'error' }, '##[endgroup]']), [
    'v Test: 1 lines, 1 errors, 0 warnings, 2 s',
    '  bad',
  ]);
});

test('groups nest, and an error opens those around it alone', () => {
  assert.deepEqual(
    rowsOf([
      '::group::outer',
      '::group::quiet',
      'fine',
      '::endgroup::',
      '::group::loud',
      { message: 'bad', level: 'error' },
      '::endgroup::',
      'last',
      '::endgroup::',
    ]),
    [
      'v outer: 3 lines, 1 errors, 0 warnings, 8 s',
      '  > quiet: 1 lines, 0 errors, 0 warnings, 2 s',
      '  v loud: 1 lines, 1 errors, 0 warnings, 2 s',
      '    bad',
      '  last',
    ],
  );
});

test('GitLab’s sections are joined by name and closed where they ask for it', () => {
  const messages = [
    'section_start:1:a\r\x1b[0KOpen',
    'in a',
    'section_start:1:b[collapsed=true]\r\x1b[0KClosed',
    'in b',
    'section_end:2:b\r\x1b[0Ksection_start:2:c\r\x1b[0KNext',
    'in c',
    'section_end:3:c\r\x1b[0Ksection_end:3:a\r\x1b[0K',
    'after',
  ];
  assert.deepEqual(rowsOf(messages, { wasOver: false }), [
    'v Open: 3 lines, 0 errors, 0 warnings, 6 s',
    '  in a',
    '  > Closed: 1 lines, 0 errors, 0 warnings, 2 s',
    '  v Next: 1 lines, 0 errors, 0 warnings, 2 s',
    '    in c',
    'after',
  ]);
});

test('Buildkite’s headers end each other; the last one is open, as nothing has ended it', () => {
  assert.deepEqual(rowsOf(['--- first', '1', '+++ second', '2', '~~~ third', '3', '--- fourth', '4']), [
    '> first: 1 lines, 0 errors, 0 warnings, 2 s',
    'v second: 1 lines, 0 errors, 0 warnings, 2 s',
    '  2',
    '> third: 1 lines, 0 errors, 0 warnings, 2 s',
    'v fourth: 1 lines, 0 errors, 0 warnings, 1 s',
    '  4',
  ]);
});

test('groups belong to the task that writes them; its streams share them', () => {
  const a = { task_run_id: 'a' };
  const b = { task_run_id: 'b' };
  assert.deepEqual(
    rowsOf([
      { message: '::group::A', ...a },
      { message: 'b 1', ...b },
      { message: 'a 1', ...a, stream: 'stderr' },
      { message: '::endgroup::', ...b },
      { message: 'a 2', ...a },
      { message: '::endgroup::', ...a },
      { message: 'a 3', ...a },
    ]),
    ['> A: 2 lines, 0 errors, 0 warnings, 5 s', 'b 1', 'a 3'],
  );
});

test('a group still being written is open and says so', () => {
  assert.deepEqual(rowsOf(['--- build', 'one'], { wasOver: false, isOver: false }), [
    'v build: 1 lines, 0 errors, 0 warnings, 1 s, running',
    '  one',
  ]);
});

test('the next header closes the one before it, but not under a reader who has stopped following', () => {
  for (const isFollowing of [true, false]) {
    const model = new RowModel();
    const live = { wasOver: false, isOver: false, isFollowing };
    const lines = linesOf(['--- first', 'one', '--- second', 'two']);
    model.update(inputOf(lines.slice(0, 2), live));
    const [first] = drawn(model.update(inputOf(lines, live)));
    assert.equal(first?.[0], isFollowing ? '>' : 'v');
  }
});

test('what was closed by hand stays closed, until the reader goes to a line inside', () => {
  const model = new RowModel();
  const lines = linesOf(['::group::x', { message: 'bad', level: 'error' }, '::endgroup::', 'after']);
  const rows = model.update(inputOf(lines));
  model.setOpen(foldRow(rows, 'group'), false);
  const closed = model.update(inputOf(lines, { selection: { first: 2, last: 2 } }));
  assert.deepEqual(drawn(closed), ['> x: 1 lines, 1 errors, 0 warnings, 2 s', 'after']);
  assert.deepEqual([1, 2, 3, 4, 5].map(closed.indexOf), [0, 0, 0, 1, -1]);

  const goal = { line: 2 };
  const open = model.update(inputOf(lines, { goal }));
  assert.equal(open.indexOf(2), 1);
  model.setOpen(foldRow(open, 'group'), false);
  assert.equal(model.update(inputOf(lines, { goal })).items.length, 2, 'a goal opens once');
});

test('a linked end marker is shown', () => {
  assert.deepEqual(rowsOf(GITHUB, { goal: { line: 5 } }), [
    'before',
    'v Install: 2 lines, 0 errors, 1 warnings, 3 s',
    '  one',
    '  two',
    '  ::endgroup::',
    'after',
  ]);
});

test('a link to a group’s marker does not open it', () => {
  assert.equal(rowsOf(GITHUB, { goal: { line: 2 }, selection: { first: 2, last: 2 } }).length, 3);
});

test('hits open their groups', () => {
  assert.equal(rowsOf(GITHUB, { isHit: ({ message }) => message === 'one' }).length, 5);
});

test('all groups can be opened and closed, those with errors too', () => {
  const model = new RowModel();
  const lines = linesOf([...GITHUB, '::group::y', { message: 'bad', level: 'error' }, '::endgroup::']);
  assert.equal(model.update(inputOf(lines)).items.length, 5);
  model.setAllOpen(true);
  assert.equal(model.update(inputOf(lines)).items.length, 7);
  model.setAllOpen(false);
  assert.equal(model.update(inputOf(lines)).items.length, 4);
});

test('without all lines there are no groups', () => {
  assert.equal(rowsOf(GITHUB, { isWhole: false }).length, GITHUB.length);
});

test('a group that goes on below the lines that are held is told as at least so much', () => {
  assert.deepEqual(rowsOf(['::group::x', 'one'], { atNewest: false }), [
    '> x: ≥1 lines, 0 errors, 0 warnings, 1 s, running',
  ]);
});

test('while the window moves on, a group keeps its header and its counts', () => {
  const model = new RowModel();
  const lines = linesOf([
    '--- long',
    { message: 'bad', level: 'error' },
    ...Array.from({ length: 8 }, (_, n) => `line ${n}`),
  ]);
  const live = { wasOver: false, isOver: false, isFollowing: true };
  model.update(inputOf(lines.slice(0, 6), live));
  model.update(inputOf(lines.slice(3, 8), { ...live, hasOlder: true }));
  const rows = drawn(model.update(inputOf(lines.slice(5, 10), { ...live, hasOlder: true })));
  assert.equal(rows.length, 6);
  assert.equal(rows[0], 'v long: 9 lines, 1 errors, 0 warnings, 9 s, running');

  const back = drawn(model.update(inputOf(lines.slice(2, 10), { ...live, hasOlder: true })));
  assert.equal(back[0], 'v long: 9 lines, 1 errors, 0 warnings, 9 s, running');
  const jumped = model.update(inputOf(linesOf(['a', 'b'], 500), live));
  assert.deepEqual(drawn(jumped), ['a', 'b']);
});

test('with other lines chosen, no group of those before is around them', () => {
  const lines = linesOf([
    { message: '--- a', task_run_id: 'a' },
    { message: 'of b', task_run_id: 'b' },
  ]);
  const model = new RowModel();
  model.update(inputOf(lines, { scope: 'all' }));
  assert.deepEqual(drawn(model.update(inputOf(lines.slice(1), { scope: 'b' }))), ['of b']);
});

test('lines in sight stay in sight when the start of their group is loaded', () => {
  const lines = linesOf(['::group::first', '1', '::endgroup::', '::group::second', '2', '3', '::endgroup::', 'end']);
  const model = new RowModel();
  assert.deepEqual(drawn(model.update(inputOf(lines.slice(5), { hasOlder: true }))), ['3', 'end']);
  assert.deepEqual(drawn(model.update(inputOf(lines))), [
    '> first: 1 lines, 0 errors, 0 warnings, 2 s',
    'v second: 2 lines, 0 errors, 0 warnings, 3 s',
    '  2',
    '  3',
    'end',
  ]);
});

test('adjacent repeats are one row where asked, and open by hand or for a line inside', () => {
  const lines = linesOf(['try 1', 'try 2', 'try 3', 'done', 'ok', 'ok']);
  assert.equal(new RowModel().update(inputOf(lines)).items.length, 6);
  const model = new RowModel();
  const input = inputOf(lines, { foldRepeats: true });
  const rows = model.update(input);
  assert.deepEqual(drawn(rows), ['> try 1 × 3', 'done', 'ok', 'ok']);
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(rows.indexOf), [0, 0, 0, 1, 2, 3]);

  model.setOpen(foldRow(rows, 'repeat'), true);
  const open = model.update(input);
  assert.deepEqual(drawn(open), ['v try 1 × 3', 'try 2', 'try 3', 'done', 'ok', 'ok']);
  assert.deepEqual([1, 2, 3].map(open.indexOf), [0, 1, 2]);
  model.setOpen(foldRow(open, 'repeat'), false);
  assert.equal(model.update(input).items.length, 4);
  assert.equal(model.update(inputOf(lines, { foldRepeats: true, goal: { line: 2 } })).items.length, 6);
});

test('repeats of different tasks, streams or levels are different lines', () => {
  const parts = [{ message: 'x' }, { message: 'x', stream: 'stderr' as const }, { message: 'x' }, { message: 'x' }];
  assert.equal(rowsOf(parts, { foldRepeats: true }).length, 4);
});

test('repeats leave stack traces whole', () => {
  const frame = '    at run (a.js:1:2)';
  assert.deepEqual(
    rowsOf(['Error: 1', 'Error: 2', 'Error: 3', 'Error: 4', frame, frame, frame], { foldRepeats: true }),
    ['> Error: 1 × 3', 'Error: 4', frame, frame, frame],
  );
  assert.equal(rowsOf(['Error: 1', 'Error: 2', 'Error: 3', frame], { foldRepeats: true }).length, 4);
});

test('a superseded attempt is one row for each of its blocks', () => {
  const superseded = new Map([['old', attemptOf('old', 1)]]);
  const old = { task_run_id: 'old' };
  const lines = linesOf([
    'start',
    { message: '::group::x', ...old },
    { message: 'bad', level: 'error', ...old },
    { message: 'new', task_run_id: 'new' },
    { message: 'late', ...old },
  ]);
  const model = new RowModel();
  const rows = model.update(inputOf(lines, { superseded }));
  assert.deepEqual(drawn(rows), [
    'start',
    '> build 1: 2 lines, 1 errors, 0 warnings',
    'new',
    '> build 1: 1 lines, 0 errors, 0 warnings',
  ]);
  assert.deepEqual([1, 2, 3, 4, 5].map(rows.indexOf), [0, 1, 1, 2, 3]);
  assert.equal(new Set(rows.items.map(({ key }) => key)).size, 4);
  model.setOpen(foldRow(rows, 'attempt'), true);
  assert.deepEqual(drawn(model.update(inputOf(lines, { superseded }))), [
    'start',
    'v build 1: 2 lines, 1 errors, 0 warnings',
    '  v x: 2 lines, 1 errors, 0 warnings, 3 s',
    '    bad',
    'new',
    'v build 1: 1 lines, 0 errors, 0 warnings',
    '    late',
  ]);
  assert.equal(new RowModel().update(inputOf(lines, { superseded, goal: { line: 5 } })).items.length, 7);
});

test('an attempt does not close under a reader when the next one begins', () => {
  const lines = linesOf([{ message: 'one', task_run_id: 'old' }]);
  for (const isFollowing of [true, false]) {
    const model = new RowModel();
    model.update(inputOf(lines, { isFollowing }));
    const superseded = new Map([['old', attemptOf('old', 1)]]);
    assert.equal(model.update(inputOf(lines, { isFollowing, superseded })).items.length, isFollowing ? 1 : 2);
  }
});

function at(message: string, seconds: number) {
  return { message, timestamp: new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString() };
}

test('a long silence is told by the row after it', () => {
  const lines = linesOf([at('a', 0), at('b', 9), at('c', 19), at('back', 5), at('d', 20), at('e', 1000)]);
  const gaps = (change = {}) => new RowModel().update(inputOf(lines, change)).items.map(({ gapMs }) => gapMs);
  assert.deepEqual(gaps(), [undefined, undefined, 10_000, undefined, undefined, 980_000]);
  assert.deepEqual(gaps({ isGapless: false }), Array(6).fill(undefined));
});

test('one line whose clock is ahead does not hide the silences after it', () => {
  const lines = linesOf([at('ahead', 9999), at('a', 0), at('b', 1), at('c', 2), at('d', 60)]);
  assert.equal(new RowModel().update(inputOf(lines)).items.at(-1)?.gapMs, 58_000);
});

test('the silence before a hidden end marker is told after it; that inside a closed group is not', () => {
  const lines = linesOf([at('::group::x', 0), at('::endgroup::', 60), at('after', 61)]);
  const open = new RowModel().update(inputOf(lines, { wasOver: false }));
  assert.deepEqual(
    open.items.map(({ gapMs }) => gapMs),
    [undefined, 61_000],
  );
  const closed = new RowModel().update(inputOf(lines));
  assert.deepEqual(
    closed.items.map(({ gapMs }) => gapMs),
    [undefined, undefined],
  );
});

test('behind the last line so many groups are open as its markers leave open', () => {
  const depthBehind = (messages: Parameters<typeof linesOf>[0]) =>
    new RowModel().update(inputOf(linesOf(messages), { wasOver: false })).depthBehind;
  assert.equal(depthBehind(['plain']), 0);
  assert.equal(depthBehind(['::group::a']), 1);
  assert.equal(depthBehind(['::group::a', 'inside']), 1);
  assert.equal(depthBehind(['::group::a', '::group::b', 'inside']), 2);
  assert.equal(depthBehind(['::group::a', '::group::b', 'inside', '::endgroup::']), 1);
  assert.equal(depthBehind(['::group::a', 'inside', '::endgroup::']), 0);
});
