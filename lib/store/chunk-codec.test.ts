import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LEVELS, STREAMS } from '@/lib/protocol/log-message';
import { TIME_US_MAX } from '@/lib/protocol/timestamp';
import { toColumns } from './append-encode';
import { type EncodedChunk, encodeChunk } from './chunk-codec';
import { decodeChunk, type StoredColumns } from './chunk-decode';
import { joinChunks } from './chunk-join';
import { joinColumns } from './join-columns';
import type { LineInput, TaskRef } from './line-batch';

const TASKS: TaskRef[] = [1, 2, 300].map((key) => ({ key, id: `t${key}`, name: `task ${key}`, attempt: key }));
const byKey = new Map(TASKS.map((task) => [task.key, task]));

const line: fc.Arbitrary<LineInput> = fc.record(
  {
    timeUs: fc.integer({ min: 0, max: TIME_US_MAX }),
    level: fc.constantFrom(...LEVELS),
    stream: fc.constantFrom(...STREAMS),
    message: fc.string({ unit: 'grapheme', maxLength: 80 }),
    task: fc.constantFrom(undefined, ...TASKS),
    continues: fc.boolean(),
    attributes: fc.option(fc.constantFrom('{}', '{"a":1}', '{"ä":"ü"}'), { nil: undefined }),
  },
  { noNullPrototype: true },
);

function rows(columns: StoredColumns): LineInput[] {
  return Array.from(columns.message, (message, index) => {
    const facet = columns.facets[columns.facet[index] ?? 0];
    assert.ok(facet);
    return {
      timeUs: columns.timeUs[index] ?? -1,
      level: facet.level,
      stream: facet.stream,
      message,
      task: facet.task,
      continues: columns.continues[index] === 1,
      attributes: columns.attributes?.[index],
    };
  });
}

async function decode(chunk: EncodedChunk): Promise<LineInput[]> {
  return rows(await decodeChunk(chunk, byKey));
}

test('gives every line back as it was, from appends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 200 }), async (lines) => {
      const columns = toColumns(lines);
      assert.deepEqual(await decode(encodeChunk(columns, 0, lines.length)), lines);
    }),
    { numRuns: 60 },
  );
});

test('gives every line back as it was from chunks that were joined, each facet once with its count', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(line, { minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 5 }),
      async (parts) => {
        const lines = parts.flat();
        const joined = joinChunks(parts.map((part) => encodeChunk(toColumns(part), 0, part.length)));
        assert.deepEqual(await decode(joined), lines);
        const whole = encodeChunk(toColumns(lines), 0, lines.length);
        assert.deepEqual(joined.facets, whole.facets);
        const { lineCount, minUs, maxUs, textBytes } = joined;
        assert.deepEqual(
          [lineCount, minUs, maxUs, textBytes],
          [whole.lineCount, whole.minUs, whole.maxUs, whole.textBytes],
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('encodes a part of the columns with only the facets that it has, and counts them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 2, maxLength: 60 }), fc.nat(), fc.nat(), async (lines, a, b) => {
      const from = a % lines.length;
      const to = from + 1 + (b % (lines.length - from));
      const chunk = encodeChunk(toColumns(lines), from, to);
      const part = lines.slice(from, to);
      assert.deepEqual(await decode(chunk), part);
      assert.equal(
        chunk.facets.reduce((sum, facet) => sum + facet[3], 0),
        part.length,
      );
      assert.equal(chunk.minUs, Math.min(...part.map((one) => one.timeUs)));
      assert.equal(chunk.maxUs, Math.max(...part.map((one) => one.timeUs)));
      assert.equal(
        chunk.textBytes,
        part.reduce((sum, one) => sum + Buffer.byteLength(one.message) + Buffer.byteLength(one.attributes ?? ''), 0),
      );
    }),
  );
});

const manyLines = fc.array(fc.array(line, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 5 });

test('joins columns into the same lines, with each facet once', async () => {
  await fc.assert(
    fc.asyncProperty(manyLines, async (parts) => {
      const chunks = parts.map((lines) => encodeChunk(toColumns(lines), 0, lines.length));
      const joined = joinColumns(await Promise.all(chunks.map((chunk) => decodeChunk(chunk, byKey))));
      assert.deepEqual(rows(joined), parts.flat());
      const keys = joined.facets.map((facet) => `${facet.task?.key} ${facet.stream} ${facet.level}`);
      assert.equal(new Set(keys).size, keys.length);
    }),
  );
});

test('refuses a layout that it does not know instead of misreading it', async () => {
  const chunk = encodeChunk(toColumns([plainLine('x')]), 0, 1);
  await assert.rejects(decode({ ...chunk, codec: 0x20 }), /layout 2/);
  await assert.rejects(decode({ ...chunk, codec: 0x1f }), /compression 15/);
});

test('fails on a chunk that ends early instead of inventing lines', async () => {
  const chunk = encodeChunk(toColumns([plainLine('x'), plainLine('y')]), 0, 2);
  await assert.rejects(decode({ ...chunk, attrs: chunk.attrs.subarray(0, 1) }), RangeError);
});

function plainLine(message: string): LineInput {
  return {
    timeUs: 1,
    level: 'info',
    stream: 'stdout',
    message,
    task: undefined,
    continues: false,
    attributes: undefined,
  };
}
