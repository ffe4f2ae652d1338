import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { GroupMark } from '@/lib/terminal/group-stack';
import { groupMarker } from '@/lib/terminal/groups';
import { markerText } from '@/lib/terminal/testing/marker-text';
import { toColumns } from './append-encode';
import { encodeChunk } from './chunk-codec';
import { joinChunks } from './chunk-join';
import { decodeMarks, findMarks } from './group-marks';
import type { LineInput, TaskRef } from './line-batch';
import { makeLine } from './testing/make-lines';

const TASKS: (TaskRef | undefined)[] = [
  undefined,
  ...[1, 2].map((key) => ({ key, id: `t${key}`, name: 't', attempt: 1 })),
];
const line: fc.Arbitrary<LineInput> = fc
  .tuple(
    fc.oneof(markerText, fc.string({ maxLength: 12 })),
    fc.constantFrom(...TASKS),
    fc.constantFrom('info', 'error'),
  )
  .map(([message, task, level]) => makeLine(message, { level, ...(task && { task }) }));
const lines = fc.array(line, { minLength: 1, maxLength: 60 });

interface Expected {
  offset: number;
  task: number;
  marker: GroupMark;
}

function expected(parts: LineInput[]): Expected[] {
  return parts.flatMap(({ message, task }, offset) => {
    const marker = groupMarker(message);
    if (marker === undefined) return [];
    const { kind, name, closes } = marker;
    const mark = { kind, ...(name !== undefined && { name }), ...(closes && { closes }) };
    return [{ offset, task: task?.key ?? 0, marker: mark }];
  });
}

function stored({ marks, facets }: Pick<ReturnType<typeof joinChunks>, 'marks' | 'facets'>): Expected[] {
  if (marks === undefined) return [];
  return [...decodeMarks(marks)].map(({ offset, facet, marker }) => ({
    offset,
    task: facets[facet]?.[0] ?? -1,
    marker,
  }));
}

test('a chunk has a mark for each line that is a marker, with its task, and none where no line is', () => {
  fc.assert(
    fc.property(lines, (parts) => {
      const chunk = encodeChunk(toColumns(parts), 0, parts.length);
      assert.deepEqual(stored(chunk), expected(parts));
      assert.equal(chunk.marks === undefined, expected(parts).length === 0);
    }),
  );
});

test('chunks that are joined have the marks of all their lines', () => {
  fc.assert(
    fc.property(fc.array(lines, { minLength: 1, maxLength: 4 }), (parts) => {
      const joined = joinChunks(parts.map((part) => encodeChunk(toColumns(part), 0, part.length)));
      assert.deepEqual(stored(joined), expected(parts.flat()));
    }),
    { numRuns: 50 },
  );
});

test('chunks without marks of an earlier version have them where they are joined with others that have some', () => {
  fc.assert(
    fc.property(fc.array(lines, { minLength: 2, maxLength: 4 }), (parts) => {
      const chunks = parts.map((part, index) => {
        const chunk = encodeChunk(toColumns(part), 0, part.length);
        return index === 0 ? { ...chunk, marks: undefined } : chunk;
      });
      const hasMarks = chunks.some(({ marks }) => marks !== undefined);
      assert.deepEqual(stored(joinChunks(chunks)), hasMarks ? expected(parts.flat()) : []);
    }),
    { numRuns: 50 },
  );
});

test('a mark costs two bytes where groups are close', () => {
  const parts = Array.from({ length: 1000 }, (_, n) => makeLine(n % 10 === 0 ? '--- step' : 'text'));
  assert.equal(encodeChunk(toColumns(parts), 0, 1000).marks?.length, 200);
});

test('titles leave no trace, however long', () => {
  const texts = ['::group::', '--- ', 'section_start:1:s\r'].map((start) => start + '\x07x'.repeat(2 ** 16));
  const marks = findMarks(texts, [0, 0, 0]);
  assert.ok(marks !== undefined && marks.length < 50);
  assert.deepEqual(marks, findMarks(['::group::', '--- x', 'section_start:1:s\r'], [0, 0, 0]));
});

test('what is no marks is refused', () => {
  assert.throws(() => [...decodeMarks(Buffer.of(0, 3))], RangeError);
  assert.throws(() => [...decodeMarks(Buffer.of(0, 4, 9, 65))], RangeError);
});
