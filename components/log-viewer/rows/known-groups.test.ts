import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogMessage } from '@/lib/protocol/log-message';
import { markerText } from '@/lib/terminal/testing/marker-text';
import { findGroups } from './group-pass';
import type { FoldRow, RowList } from './row';
import type { RowInput } from './row-input';
import { RowModel } from './row-model';
import { groupsSeen } from './testing/groups-seen';
import { drawn, inputOf, linesOf } from './testing/row-input';

/** A part of a run that is looked at: lines `from` to `to`, both there. */
function part(lines: readonly LogMessage[], from: number, to: number, change: Partial<RowInput> = {}): RowInput {
  const newest = lines.at(-1)?.id ?? 0;
  const held = lines.filter(({ id }) => id >= from && id <= to);
  return inputOf(held, { newest, hasOlder: from > 1, atNewest: to >= newest, ...change });
}

function groupRow({ items }: RowList, id: number): Extract<FoldRow, { kind: 'group' }> {
  const row = items.find((item) => item.kind === 'group' && item.id === id);
  assert.ok(row?.kind === 'group');
  return row;
}

const LONG = linesOf([
  'before',
  '::group::Long',
  ...Array.from({ length: 6 }, (_, n) => `line ${n}`),
  { message: 'bad', level: 'error' },
  ...Array.from({ length: 6 }, (_, n) => `more ${n}`),
  '::endgroup::',
  'after',
  'end',
]);

test('a group that begins above what is held has a header with exact counts once they are known', () => {
  const model = new RowModel();
  const held = part(LONG, 5, 7);
  assert.deepEqual(drawn(model.update(held)), ['line 2', 'line 3', 'line 4']);
  const known = [groupsSeen(LONG, 5)];
  assert.deepEqual(drawn(model.update({ ...held, known })), [
    'v Long: 13 lines, 1 errors, 0 warnings, 14 s',
    '  line 2',
    '  line 3',
    '  line 4',
  ]);
  // It is still so when the window moves on, and when older lines come.
  assert.equal(drawn(model.update(part(LONG, 7, 12, { known })))[0], 'v Long: 13 lines, 1 errors, 0 warnings, 14 s');
  assert.equal(drawn(model.update(part(LONG, 1, 12, { known })))[1], 'v Long: 13 lines, 1 errors, 0 warnings, 14 s');
});

test('lines in sight do not fold away when their group becomes known, unless all were closed', () => {
  const quiet = LONG.map((line) => ({ ...line, level: 'info' as const }));
  const held = part(quiet, 5, 7);
  const known = [groupsSeen(quiet, 5)];
  const model = new RowModel();
  model.update(held);
  const open = model.update({ ...held, known });
  assert.equal(open.items.length, 4);
  model.setOpen(groupRow(open, 2), false);
  assert.equal(model.update({ ...held, known }).items.length, 1);
  model.setAllOpen(true);
  assert.equal(model.update({ ...held, known }).items.length, 4);

  const closed = new RowModel();
  closed.update(held);
  closed.setAllOpen(false);
  assert.equal(closed.update({ ...held, known }).items.length, 1);
});

test('the newest lines do not fold away either, but what is far above them does', () => {
  const lines = linesOf([
    '::group::Long',
    ...Array.from({ length: 300 }, (_, n) => `line ${n}`),
    '::endgroup::',
    'end',
  ]);
  const more = [
    ...lines,
    ...linesOf(
      Array.from({ length: 200 }, (_, n) => `after ${n}`),
      lines.length + 1,
    ),
  ];
  for (const [all, rows] of [
    [lines, 203],
    [more, 202],
  ] as const) {
    const model = new RowModel();
    const held = part(all, 101, all.length, { isFollowing: true });
    model.update(held);
    assert.equal(model.update({ ...held, known: [groupsSeen(all, 101)] }).items.length, rows);
  }
});

test('a header that is written closes with the next one, although it was known late', () => {
  const lines = linesOf(['--- one', 'a', 'b', '--- two', 'c']);
  const live = { wasOver: false, isOver: false, isFollowing: true, atNewest: true };
  const model = new RowModel();
  const known = [groupsSeen(lines.slice(0, 3), 2)];
  model.update(part(lines, 2, 3, live));
  assert.equal(
    drawn(model.update(part(lines, 2, 3, { ...live, known })))[0],
    'v one: 2 lines, 0 errors, 0 warnings, 2 s, running',
  );
  assert.equal(
    drawn(model.update(part(lines, 2, 5, { ...live, known })))[0],
    '> one: 2 lines, 0 errors, 0 warnings, 3 s',
  );
});

test('a header that is written stays open under a reader who scrolls up, not where one jumps to its beginning', () => {
  const lines = linesOf(['--- one', ...Array.from({ length: 20 }, (_, n) => `line ${n}`)]);
  const live = { wasOver: false, isOver: false };
  const known = [groupsSeen(lines, 15)];
  for (const [place, arrow] of [
    [{ from: 8, to: 18 }, 'v'],
    [{ from: 1, to: 5 }, '>'],
  ] as const) {
    const model = new RowModel();
    const end = model.update(part(lines, 15, 21, { ...live, known, isFollowing: true, atNewest: true }));
    assert.match(drawn(end)[0] ?? '', /^v one/);
    const rows = model.update(
      part(lines, place.from, place.to, { ...live, known: [groupsSeen(lines, place.from), ...known] }),
    );
    assert.equal(drawn(rows)[0]?.[0], arrow, `lines ${place.from} to ${place.to}`);
  }
});

test('a closed group with an error below what is held opens as soon as that is known', () => {
  const model = new RowModel();
  const held = part(LONG, 1, 5);
  assert.deepEqual(drawn(model.update(held)), ['before', '> Long: ≥3 lines, 0 errors, 0 warnings, 3 s, running']);
  assert.equal(model.openEnds, 'unknown');
  const known = [groupsSeen(LONG, 6)];
  assert.deepEqual(drawn(model.update({ ...held, known })), [
    'before',
    'v Long: 13 lines, 1 errors, 0 warnings, 14 s',
    '  line 0',
    '  line 1',
    '  line 2',
  ]);
  assert.equal(model.openEnds, 'told');
});

test('a group that nothing has ended is whole where the run is over, else at least so much', () => {
  const lines = linesOf(['--- step', 'one', 'two', 'three', 'four']);
  const known = [groupsSeen(lines, 3)];
  const model = new RowModel();
  assert.deepEqual(drawn(model.update(part(lines, 3, 4, { known, wasOver: false, isOver: false }))), [
    '> step: ≥4 lines, 0 errors, 0 warnings, 4 s, running',
  ]);
  assert.deepEqual(drawn(new RowModel().update(part(lines, 3, 4, { known }))), [
    'v step: 4 lines, 0 errors, 0 warnings, 4 s',
    '  two',
    '  three',
  ]);
});

test('a group that is written goes on to be counted from where its counts were told', () => {
  const lines = linesOf(['--- step', ...Array.from({ length: 9 }, (_, n) => `line ${n}`), '--- next', 'x']);
  const live = { wasOver: false, isOver: false, isFollowing: true, atNewest: true };
  const model = new RowModel();
  const known = [groupsSeen(lines.slice(0, 7), 5)];
  const header = (to: number, from: number) => drawn(model.update(part(lines, from, to, { ...live, known })))[0];
  assert.equal(header(6, 5), 'v step: 5 lines, 0 errors, 0 warnings, 6 s, running');
  assert.equal(header(7, 5), 'v step: 6 lines, 0 errors, 0 warnings, 6 s, running');
  assert.equal(header(8, 6), 'v step: 7 lines, 0 errors, 0 warnings, 7 s, running');
  assert.equal(header(9, 7), 'v step: 8 lines, 0 errors, 0 warnings, 8 s, running');
  assert.equal(header(12, 9), '> step: 9 lines, 0 errors, 0 warnings, 10 s');
});

test('a group that was told open is asked for again as the run grows, and what is told then opens and ends it', () => {
  const written = linesOf(['before', '::group::Long', ...Array.from({ length: 18 }, (_, n) => `line ${n}`)]);
  const ended = [
    ...written,
    ...linesOf([...Array.from({ length: 40 }, (_, n) => `more ${n}`), { message: 'bad', level: 'error' }], 21),
    ...linesOf(['::endgroup::', 'end'], 62),
  ];
  const live = { wasOver: true, isOver: false };
  const model = new RowModel();
  const told = [groupsSeen(written, 11)];
  model.update(part(written, 1, 10, { ...live, known: told }));
  assert.equal(model.openEnds, 'told');
  assert.deepEqual(drawn(model.update(part(ended, 1, 10, { ...live, known: told }))), [
    'before',
    '> Long: ≥18 lines, 0 errors, 0 warnings, 18 s, running',
  ]);
  assert.equal(model.openEnds, 'outdated');
  model.update(part(ended, 1, 10, { known: told }));
  assert.equal(model.openEnds, 'outdated');
  const header = drawn(model.update(part(ended, 1, 10, { known: [groupsSeen(ended, 11)] })))[1];
  assert.equal(header, 'v Long: 59 lines, 1 errors, 0 warnings, 60 s');
  assert.equal(model.openEnds, 'told');
});

test('groups of a run that are asked for at each end of a window are those of all its lines, wherever it moves', () => {
  const text = fc.oneof({ weight: 1, arbitrary: markerText }, { weight: 2, arbitrary: fc.constantFrom('x', 'y') });
  const line = fc.record({
    message: text,
    task_run_id: fc.constantFrom('a', 'b'),
    level: fc.constantFrom('info' as const, 'error' as const, 'warn' as const),
  });
  const move = fc.record({ first: fc.integer({ min: -20, max: 20 }), last: fc.integer({ min: -20, max: 20 }) });
  fc.assert(
    fc.property(fc.array(line, { minLength: 2, maxLength: 80 }), fc.array(move, { maxLength: 8 }), (parts, moves) => {
      const lines = linesOf(parts);
      const whole = new Map(findGroups(lines, [], () => false).groups.map((group) => [group.id, group]));
      const model = new RowModel();
      let [from, to] = [Math.ceil(lines.length / 3), Math.ceil((2 * lines.length) / 3)];
      for (const { first, last } of [{ first: 0, last: 0 }, ...moves]) {
        from = Math.max(1, Math.min(lines.length, from + first));
        to = Math.max(from, Math.min(lines.length, to + last));
        const known = [groupsSeen(lines, from), groupsSeen(lines, to + 1)];
        model.update(part(lines, from, to));
        const rows = model.update(part(lines, from, to, { known }));
        assert.equal(model.openEnds, 'told');
        const around = [...whole.values()].filter(({ id, endId }) => id < from && (endId ?? lines.length) >= from);
        model.setAllOpen(true);
        const shown = model.update(part(lines, from, to, { known })).items.filter((row) => row.kind === 'group');
        for (const row of shown) {
          const group = whole.get(row.id);
          assert.ok(group);
          const { errors, warnings, depth } = group;
          assert.deepEqual(
            [row.lines, row.errors, row.warnings, row.depth, row.isPartial, row.isComplete],
            [group.lines, errors, warnings, depth, false, true],
          );
        }
        assert.deepEqual(
          shown.filter(({ id }) => id < from).map(({ id }) => id),
          around.map(({ id }) => id),
        );
        assert.equal(rows.hasGroups, shown.length > 0);
      }
    }),
    { numRuns: 200 },
  );
});
