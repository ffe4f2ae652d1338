import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineWindow, type WindowLimits } from './line-window';

const limits: WindowLimits = { linesMax: 10, charsMax: 1000, pageLinesMax: 3, tailLinesMax: 4 };

function range(first: number, last: number, message = 'x'): Array<{ id: number; message: string }> {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ({ id: first + index, message }));
}

function ids(window: LineWindow<{ id: number; message: string }>): number[] {
  return window.snapshot().lines.map((line) => line.id);
}

test('a following window ends with the newest line and keeps its bound', () => {
  const window = new LineWindow(limits);
  window.receive(range(1, 7));
  window.receive(range(8, 25));
  assert.deepEqual(
    ids(window),
    range(16, 25).map((line) => line.id),
  );
  assert.equal(window.after, 15);
  assert.equal(window.atNewest, true);
});

test('lines that were received before are not held twice', () => {
  const window = new LineWindow(limits);
  window.receive(range(1, 5));
  window.receive(range(3, 6));
  assert.deepEqual(ids(window), [1, 2, 3, 4, 5, 6]);
});

test('what a reader looks at stays, and the newest lines are one step away', () => {
  const window = new LineWindow(limits);
  window.receive(range(1, 10));
  window.setFollowing(false);
  window.receive(range(11, 12));
  window.receive(range(13, 30));
  assert.equal(ids(window)[0], 1);
  assert.equal(window.atNewest, false);
  assert.equal(window.snapshot().unseen, 20);
  window.showNewest();
  assert.deepEqual(ids(window), [27, 28, 29, 30]);
  assert.equal(window.snapshot().unseen, 0);
});

test('older pages take lines off the newer end, and reading down again joins the stream without a hole', () => {
  const window = new LineWindow(limits);
  window.reset(90);
  window.receive(range(91, 100));
  window.setFollowing(false);
  window.addOlder(range(86, 90), 85);
  assert.deepEqual(
    ids(window),
    range(86, 95).map((line) => line.id),
  );
  window.receive(range(101, 103));
  window.addNewer(range(96, 98), 98);
  assert.equal(window.atNewest, false);
  window.addNewer(range(99, 99), 99);
  assert.equal(window.atNewest, true);
  assert.equal(ids(window).at(-1), 103);
});

test('a page that is ahead of the stream leaves no hole in the tail', () => {
  const window = new LineWindow(limits);
  window.receive(range(1, 4));
  window.setFollowing(false);
  window.show(range(5, 8), 4, 8);
  window.receive(range(5, 7));
  window.show(range(1, 2), 0, 2);
  window.showNewest();
  assert.deepEqual(ids(window), [4, 5, 6, 7]);
  window.receive(range(8, 9));
  assert.deepEqual(ids(window), [4, 5, 6, 7, 8, 9]);
});

test('long lines bound the window by their text', () => {
  const window = new LineWindow(limits);
  window.receive(range(1, 6, 'y'.repeat(400)));
  assert.deepEqual(ids(window), [5, 6]);
});

test('who follows keeps the newest lines when older ones come, however long they are', () => {
  const window = new LineWindow(limits);
  window.reset(20);
  window.receive(range(21, 22));
  for (let page = 0; page < 3; page++) window.addOlder(range(11, window.after, 'y'.repeat(400)), 10);
  assert.deepEqual(ids(window), [19, 20, 21, 22]);
  assert.equal(window.after, 18);
  assert.equal(window.atNewest, true);
  assert.equal(window.snapshot().isFull, true);
});

test('pages of far longer lines take nothing off that is in the middle', () => {
  const window = new LineWindow({ ...limits, linesMax: 100 });
  window.reset(90);
  window.receive(range(91, 120));
  window.setFollowing(false);
  window.addOlder(range(81, 90, 'y'.repeat(150)), 80);
  assert.deepEqual(
    ids(window),
    range(89, 120).map((line) => line.id),
  );
  assert.equal(window.after, 88);
  window.show(range(1, 30), 0, 30);
  window.addNewer(range(31, 40, 'y'.repeat(400)), 40);
  assert.deepEqual(
    ids(window),
    range(1, 31).map((line) => line.id),
  );
  assert.equal(window.through, 31);
});

test('a reset forgets everything, and retention takes only the oldest lines', () => {
  const window = new LineWindow(limits);
  window.receive(range(1, 8));
  window.dropThrough(3);
  assert.deepEqual(ids(window), [4, 5, 6, 7, 8]);
  assert.equal(window.after, 3);
  window.reset(0);
  assert.deepEqual(ids(window), []);
  window.receive(range(1, 2));
  assert.deepEqual(ids(window), [1, 2]);
});

test('whatever a reader does, the window is an unbroken piece of the run and bounded', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('receive' as const), count: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ kind: fc.constantFrom('older' as const, 'newer' as const), count: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ kind: fc.constant('show' as const), count: fc.integer({ min: 1, max: 120 }) }),
    fc.record({ kind: fc.constantFrom('newest' as const, 'follow' as const, 'leave' as const), count: fc.constant(0) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const window = new LineWindow(limits);
      let stored = 0;
      let streamed = 0;
      for (const { kind, count } of steps) {
        if (kind === 'receive') {
          // The store is ahead of the stream by a line or two, as it is in life.
          stored = Math.max(stored, streamed + count + (count % 3));
          window.receive(range(Math.max(1, streamed - 1), streamed + count));
          streamed += count;
        } else if (kind === 'older') {
          const after = Math.max(0, window.after - count);
          window.addOlder(range(after + 1, window.after), after);
        } else if (kind === 'newer') {
          const through = Math.min(stored, window.through + count);
          window.addNewer(range(window.through + 1, through), through);
        } else if (kind === 'show') {
          const first = Math.min(count, stored);
          const through = Math.min(stored, first + 4);
          window.show(range(first + 1, through), first, through);
        } else if (kind === 'newest') {
          window.showNewest();
        } else {
          window.setFollowing(kind === 'follow');
        }
        const { lines, after, through, atNewest } = window.snapshot();
        assert.deepEqual(
          lines.map((line) => line.id),
          range(after + 1, through).map((line) => line.id),
        );
        if (atNewest) assert.ok(through >= streamed);
        assert.ok(lines.length <= limits.linesMax + 9);
      }
    }),
    { numRuns: 400 },
  );
});

test('a window that was begun elsewhere has the newest lines once one was received', () => {
  const window = new LineWindow(limits);
  window.reset(100);
  window.show(range(11, 15), 10, 15);
  assert.deepEqual([window.atNewest, window.hasNewest, window.newest], [false, false, 100]);
  window.receive(range(101, 102));
  assert.deepEqual([window.atNewest, window.hasNewest], [false, true]);
  window.showNewest();
  assert.deepEqual(ids(window), [101, 102]);
  assert.equal(window.after, 100);
});

test('a match brings up lines before it also where a page had been looked through up to it', () => {
  const window = new LineWindow(limits);
  window.receive(range(14, 20));
  window.setFollowing(false);
  window.show(range(5, 5), 0, 6);
  window.addNewer(range(14, 20), 40);
  assert.deepEqual([window.through, window.atNewest], [40, true]);
  window.receive([...range(38, 39), ...range(41, 41)]);
  assert.deepEqual(ids(window), [5, 14, 15, 16, 17, 18, 19, 20, 38, 39, 41]);
});

test('snapshots share their lines until these change, and keep them then', () => {
  const window = new LineWindow(limits);
  window.receive(range(1, 5));
  const before = window.snapshot();
  window.setFollowing(false);
  assert.equal(window.snapshot().lines, before.lines);
  const changes: Array<() => void> = [
    () => window.receive(range(6, 7)),
    () => window.show(range(3, 4), 2, 4),
    () => window.addOlder(range(1, 2), 0),
    () => window.addNewer(range(5, 6), 6),
    () => window.dropThrough(1),
    () => window.showNewest(),
    () => window.reset(0),
  ];
  for (const change of changes) {
    const { lines } = window.snapshot();
    const copy = [...lines];
    change();
    assert.deepEqual(lines, copy);
    const held = window.snapshot().lines.map((line) => line.id);
    assert.equal(held.join() === copy.map((line) => line.id).join(), window.snapshot().lines === lines);
  }
});
