import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { facetKey } from './chunk-decode';
import { type ChunkIndex, ChunkIndexReader, type ChunkSummary } from './chunk-index';
import type { RunRef } from './store';
import { makeLine } from './testing/make-lines';
import { appendLines, makeRun, openTestStore, type TestStore } from './testing/test-store';

type Step =
  | { kind: 'append'; chunks: number; lines: number }
  | { kind: 'merge'; isEnded: boolean }
  | { kind: 'truncate'; percent: number; chunksMax: number }
  | { kind: 'look' }
  | { kind: 'delete' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant('look') }), weight: 4 },
  {
    arbitrary: fc.record({
      kind: fc.constant('append'),
      chunks: fc.integer({ min: 1, max: 20 }),
      lines: fc.integer({ min: 1, max: 5 }),
    }),
    weight: 4,
  },
  { arbitrary: fc.record({ kind: fc.constant('merge'), isEnded: fc.boolean() }), weight: 3 },
  {
    arbitrary: fc.record({
      kind: fc.constant('truncate'),
      percent: fc.integer({ min: 0, max: 110 }),
      chunksMax: fc.integer({ min: 1, max: 30 }),
    }),
    weight: 2,
  },
  { arbitrary: fc.record({ kind: fc.constant('delete') }), weight: 1 },
);

/** Lines of each facet, times and bytes of some chunks together. */
function sumOf(chunks: readonly ChunkSummary[]) {
  const facets = new Map<number, number>();
  for (const stored of chunks.flatMap((chunk) => chunk.facets)) {
    facets.set(facetKey(stored), (facets.get(facetKey(stored)) ?? 0) + stored[3]);
  }
  return {
    lines: chunks.reduce((sum, { lineCount }) => sum + lineCount, 0),
    minUs: Math.min(...chunks.map(({ minUs }) => minUs)),
    maxUs: Math.max(...chunks.map(({ maxUs }) => maxUs)),
    bytes: chunks.reduce((sum, { textBytes }) => sum + textBytes, 0),
    facets: [...facets].sort(([a], [b]) => a - b),
  };
}

/** The same lines with the same counts; what is known may be cut finer, where chunks were joined since. */
function assertSame(known: ChunkIndex, stored: ChunkIndex): void {
  const left = [...known.chunks];
  for (const chunk of stored.chunks) {
    const end = chunk.firstLine + chunk.lineCount;
    const next = left.findIndex(({ firstLine }) => firstLine >= end);
    const parts = left.splice(0, next < 0 ? left.length : next);
    assert.equal(parts[0]?.firstLine, chunk.firstLine);
    assert.deepEqual(sumOf(parts), sumOf([chunk]));
  }
  assert.deepEqual(left, []);
}

describe('the chunk index', () => {
  let context: TestStore;
  before(async () => {
    context = await openTestStore();
  });
  after(() => context.close());

  const reader = (cacheBytes?: number) =>
    new ChunkIndexReader(context.store.database.sql, context.store.tasks, cacheBytes);

  async function apply(run: RunRef, one: Step, count: { lines: number }): Promise<void> {
    const { store } = context;
    if (one.kind === 'append') {
      const task = await store.resolveTask(run, { name: `task ${count.lines % 3}` });
      for (let chunk = 0; chunk < one.chunks; chunk++) {
        const lines = Array.from({ length: one.lines }, () =>
          makeLine(`line ${count.lines++}`, { ...(count.lines % 2 === 0 && { level: 'error', task }) }),
        );
        await appendLines(store, run, lines);
      }
    } else if (one.kind === 'merge') {
      await store.mergeRun(run.key, { isEnded: one.isEnded });
    } else if (one.kind === 'truncate') {
      await store.truncateRun(run.key, Math.ceil((count.lines * one.percent) / 100), one.chunksMax);
    }
  }

  let runs = 0;
  test('that is known is the stored one, whatever was added, joined and removed since', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
        const known = reader();
        let run = await makeRun(context.store, `run-${runs++}`);
        const count = { lines: 0 };
        for (const one of [...steps, { kind: 'look' as const }]) {
          if (one.kind === 'look') {
            const stored = await reader(1).read(run.key);
            assertSame(await known.read(run.key), stored);
            const middle = Math.ceil(count.lines / 2);
            const isBehind = ({ firstLine, lineCount }: ChunkSummary) => firstLine + lineCount > middle;
            const whole = await known.read(run.key);
            assert.deepEqual((await known.read(run.key, middle)).chunks, whole.chunks.filter(isBehind));
            assert.deepEqual((await reader().read(run.key, middle)).chunks, stored.chunks.filter(isBehind));
          } else if (one.kind === 'delete') {
            await context.store.deleteRun(run.id);
            assert.deepEqual((await known.read(run.key)).chunks, []);
            run = await makeRun(context.store, `run-${runs++}`);
            count.lines = 0;
          } else await apply(run, one, count);
        }
      }),
      { numRuns: 25 },
    );
  });
});
