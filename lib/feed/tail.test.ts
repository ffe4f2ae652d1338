import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineBatch } from '@/lib/store/line-batch';
import type { JournalEntry } from '@/lib/store/store';
import { Tail } from './tail';

const RUN = { key: 7, id: 'run' };

function entryAt(position: number, firstLine: number, lineCount: number): JournalEntry {
  return { ...RUN, position, firstLine, lineCount, atUs: 0, status: 'running' };
}

function batchOf(firstLine: number, count: number, sizeBytes: number): LineBatch {
  const columns = {
    facets: [{ task: undefined, stream: 'stdout', level: 'info' } as const],
    facet: Array<number>(count).fill(0),
    timeUs: Array<number>(count).fill(0),
    message: Array.from({ length: count }, (_, index) => `line ${firstLine + index}`),
    continues: Array<number>(count).fill(0),
    attributes: undefined,
  };
  return new LineBatch(RUN, firstLine, columns, sizeBytes);
}

function makeTail(bytesMax: number) {
  const evicted: LineBatch[] = [];
  return { tail: new Tail({ position: 0, bytesMax, onEvict: (batch) => evicted.push(batch) }), evicted };
}

test('keeps the newest batches within its bytes', () => {
  const { tail, evicted } = makeTail(10_000);
  for (let number = 1; number <= 50; number++) {
    tail.add(entryAt(number * 3, number * 10 - 9, 10), batchOf(number * 10 - 9, 10, 1000));
    assert.ok(tail.bytes <= 10_000);
  }
  assert.equal(tail.batchAt(RUN.key, 10), undefined);
  assert.equal(tail.batchAt(RUN.key, 495)?.firstLine, 491);
  assert.equal(tail.itemAfter(tail.start)?.batch?.firstLine, evicted.length * 10 + 1);
  assert.equal(tail.batchAt(RUN.key, evicted.length * 10), undefined);
  assert.equal(tail.batchAt(RUN.key, evicted.length * 10 + 1)?.firstLine, evicted.length * 10 + 1);
  assert.equal(tail.batchAt(RUN.key, 501), undefined);
});

test('counts what is encoded from a batch as its memory', () => {
  const { tail, evicted } = makeTail(10_000);
  const [first, second] = [batchOf(1, 10, 1000), batchOf(11, 10, 1000)];
  tail.add(entryAt(1, 1, 10), first);
  tail.add(entryAt(2, 11, 10), second);
  assert.equal(tail.grow(second, 7000), true);
  assert.deepEqual(evicted, []);
  assert.equal(tail.grow(second, 1000), true);
  assert.deepEqual(evicted, [first]);
  assert.equal(tail.grow(first, 1), false);
});

test('keeps the newest entry whatever its size', () => {
  const { tail } = makeTail(100);
  const batch = batchOf(1, 10, 1_000_000);
  tail.add(entryAt(1, 1, 10), batch);
  assert.equal(tail.batchAt(RUN.key, 5), batch);
});

test('finds what follows a position, with gaps in positions and runs', () => {
  const { tail } = makeTail(1_000_000);
  tail.add(entryAt(5, 1, 2), batchOf(1, 2, 10));
  tail.add(entryAt(9, 3, 2), undefined);
  tail.add(entryAt(12, 5, 2), batchOf(5, 2, 10));
  assert.equal(tail.itemAfter(0)?.entry.position, 5);
  assert.equal(tail.itemAfter(5)?.entry.position, 9);
  assert.equal(tail.itemAfter(11)?.entry.position, 12);
  assert.equal(tail.itemAfter(12), undefined);
  assert.equal(tail.batchAt(RUN.key, 3), undefined);
  assert.equal(tail.batchAt(RUN.key, 6)?.firstLine, 5);
});

test('has lines of before a jump, but not their order', () => {
  const { tail } = makeTail(1_000_000);
  tail.add(entryAt(5, 1, 2), batchOf(1, 2, 10));
  tail.jump(100);
  assert.equal(tail.start, 100);
  assert.equal(tail.batchAt(RUN.key, 1)?.firstLine, 1);
  assert.equal(tail.itemAfter(100), undefined);
  tail.add(entryAt(101, 50, 2), batchOf(50, 2, 10));
  assert.equal(tail.itemAfter(100)?.entry.position, 101);
});
