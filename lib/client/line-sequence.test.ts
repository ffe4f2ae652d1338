import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatGlobalCursor } from '@/lib/protocol/cursor';
import { admitCursor, admitGlobalLines, admitRunLines, mayStandAtEnd, placeOfLine, startPlace } from './line-sequence';
import { cursorAt, makeLine, makeLines } from './testing/fixtures';

const WHOLE = { filtered: false, unreadable: 0 };
const FILTERED = { filtered: true, unreadable: 0 };

const idsOf = (lines: readonly { id: number }[]): number[] => lines.map(({ id }) => id);

describe('lines of one run', () => {
  test('repetitions are left out', () => {
    const { lines, place, gap } = admitRunLines({ cursor: cursorAt(3), line: 3 }, makeLines(1, 5), WHOLE);
    assert.deepEqual(idsOf(lines), [4, 5]);
    assert.deepEqual(place, { cursor: cursorAt(5), line: 5 });
    assert.equal(gap, undefined);
  });

  test('a hole ends what is admitted', () => {
    const batch = [makeLine(4), makeLine(6), makeLine(7)];
    const { lines, place, gap } = admitRunLines({ cursor: cursorAt(3), line: 3 }, batch, WHOLE);
    assert.deepEqual(idsOf(lines), [4]);
    assert.deepEqual(place, { cursor: cursorAt(4), line: 4 });
    assert.deepEqual(gap, { after: 4, found: 6 });
  });

  test('a filter leaves holes, and order still counts', () => {
    const batch = [makeLine(9), makeLine(9), makeLine(40), makeLine(12)];
    const { lines, place } = admitRunLines({ cursor: cursorAt(3), line: 3 }, batch, FILTERED);
    assert.deepEqual(idsOf(lines), [9, 40]);
    assert.equal(place.line, 40);
  });

  test('a hole as large as what could not be read is forgiven once', () => {
    const reading = { filtered: false, unreadable: 1 };
    const once = admitRunLines({ cursor: '3', line: 3 }, [makeLine(5), makeLine(6)], reading);
    assert.deepEqual(idsOf(once.lines), [5, 6]);
    assert.deepEqual(once.place, { cursor: '6', line: 6 });
    const twice = admitRunLines({ cursor: '3', line: 3 }, [makeLine(5), makeLine(7)], reading);
    assert.deepEqual(idsOf(twice.lines), [5]);
    assert.deepEqual(twice.gap, { after: 5, found: 7 });
  });

  test('the first line may have any number where none was named', () => {
    const { lines, gap } = admitRunLines(startPlace(0), [makeLine(501)], WHOLE);
    assert.deepEqual(idsOf(lines), [501]);
    assert.equal(gap, undefined);
  });
});

describe('cursors beside lines', () => {
  test('one ahead of the lines shows a hole on a whole stream and is followed on a filtered one', () => {
    const place = { cursor: cursorAt(5), line: 5 };
    assert.deepEqual(admitCursor(place, cursorAt(8), WHOLE).gap, { after: 5, found: 9 });
    assert.deepEqual(admitCursor(place, cursorAt(8), FILTERED), { place: { cursor: cursorAt(8), line: 8 } });
  });

  test('one behind the lines moves nothing', () => {
    const place = { cursor: cursorAt(5), line: 5 };
    assert.deepEqual(admitCursor(place, cursorAt(4), FILTERED), { place });
  });

  test('a cursor of a form that is not known is taken as it is', () => {
    assert.deepEqual(admitCursor({ cursor: 'x:1', line: 5 }, 'x:2', WHOLE), { place: { cursor: 'x:2', line: 5 } });
  });

  test('only a run-end cursor, or one that cannot be read, may stand at an end', () => {
    assert.equal(mayStandAtEnd(cursorAt(5, 1)), true);
    assert.equal(mayStandAtEnd('x:1'), true);
    assert.equal(mayStandAtEnd(cursorAt(5)), false);
    assert.equal(mayStandAtEnd('5'), false);
  });
});

test('lines of all runs come once, by their cursors', () => {
  const at = (position: number, index: number): string => formatGlobalCursor('e1', position, index);
  const batch = [at(7, 1), at(7, 2), at(7, 2), at(6, 9), at(7, 0), at(7, 3), at(8, 1)].map((cursor, id) =>
    makeLine(id + 1, { cursor }),
  );
  const { lines, place } = admitGlobalLines({ cursor: at(7, 1) }, batch);
  assert.deepEqual(
    lines.map(({ cursor }) => cursor),
    [at(7, 2), at(7, 0), at(8, 1)],
  );
  assert.deepEqual(place, { cursor: at(8, 1) });
});

test('a place inside a batch is the line’s, not the batch’s', () => {
  assert.deepEqual(placeOfLine(makeLine(4), cursorAt(9)), { cursor: cursorAt(4), line: 4 });
  assert.deepEqual(placeOfLine(makeLine(4, { cursor: 'e1-g7.1' }), 'e1-g9.1'), { cursor: 'e1-g7.1' });
});
