import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { ChunkIndexReader, type ChunkSummary } from './chunk-index';
import { ChunkReader } from './chunk-reader';
import type { Sql } from './database';
import { readFacets } from './facets';
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

function manyLines(count: number) {
  return Array.from({ length: count }, (_, index) => makeLine(`line ${index}`));
}

/** The same connection, which notes how many rows each statement brings. */
function counted(sql: Sql, rows: number[]): Sql {
  return new Proxy(sql, {
    apply: async (target, self, args) => {
      const answer: unknown[] = await Reflect.apply(target, self, args);
      rows.push(answer.length);
      return answer;
    },
  });
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
            const [whole, again] = await Promise.all([known.read(run.key), known.read(run.key)]);
            assert.deepEqual(whole.chunks, stored.chunks);
            assert.deepEqual(again.chunks, stored.chunks);
            for (const key of stored.tasks.keys()) assert.ok(whole.tasks.has(key));
            const middle = Math.ceil(count.lines / 2);
            const isBehind = ({ firstLine, lineCount }: ChunkSummary) => firstLine + lineCount > middle;
            assert.deepEqual((await known.read(run.key, middle)).chunks, stored.chunks.filter(isBehind));
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

  test('is read once for a crowd, and then no more than its end', async () => {
    const { store } = context;
    const run = await makeRun(store, 'crowd');
    for (let n = 0; n < 3; n++) await appendLines(store, run, manyLines(2500));
    const statements: number[] = [];
    const known = new ChunkIndexReader(counted(store.database.sql, statements), store.tasks);
    const reads = await Promise.all(Array.from({ length: 20 }, () => known.read(run.key)));
    // One took it all in, the others what could have come since: nothing.
    assert.deepEqual(statements, [3, ...Array(19).fill(1)]);
    for (const { chunks } of reads) assert.equal(chunks, reads[0]?.chunks);
    await appendLines(store, run, [makeLine('one more')]);
    statements.length = 0;
    assert.equal((await known.read(run.key)).chunks.length, 4);
    assert.deepEqual(statements, [1]);
  });

  test('fails for a crowd at once where the database does, and is read again', async () => {
    const { store } = context;
    const run = await makeRun(store, 'failing');
    await appendLines(store, run, [makeLine('a line')]);
    let isAway = true;
    const { sql } = store.database;
    const known = new ChunkIndexReader(
      new Proxy(sql, {
        apply: (target, self, args) => (isAway ? Promise.reject(new Error('away')) : Reflect.apply(target, self, args)),
      }),
      store.tasks,
    );
    const results = await Promise.allSettled([known.read(run.key), known.read(run.key), known.read(run.key)]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected', 'rejected'],
    );
    isAway = false;
    assert.equal((await known.read(run.key)).chunks.length, 1);
  });

  test('is read anew where the database has another history', async () => {
    const { store } = context;
    const run = await makeRun(store, 'put-back');
    for (let n = 0; n < 2; n++) await appendLines(store, run, manyLines(2500));
    const known = reader();
    await known.read(run.key);
    // A copy that lacks the last lines of the first chunk, and has others since.
    const { sql } = store.database;
    await sql`update log_chunks set line_count = 2490 where run_key = ${run.key} and first_line = 1`;
    await sql`update log_chunks set first_line = 2491, line_count = 3000 where run_key = ${run.key} and first_line = 2501`;
    assert.deepEqual(
      (await known.read(run.key)).chunks.map(({ firstLine, lineCount }) => [firstLine, lineCount]),
      [
        [1, 2490],
        [2491, 3000],
      ],
    );
  });

  test('that is too large to be kept is summed up by the database', async () => {
    const { store } = context;
    const run = await makeRun(store, 'summed');
    const count = { lines: 0 };
    await apply(run, { kind: 'append', chunks: 12, lines: 3 }, count);
    await apply(run, { kind: 'merge', isEnded: true }, count);
    await apply(run, { kind: 'append', chunks: 3, lines: 2 }, count);
    const { sql } = store.database;
    const source = { sql, tasks: store.tasks, chunks: new ChunkReader(sql, store.tasks) };
    const [large, small] = [reader(1), reader()];
    assert.deepEqual([await large.isKept(run.key), await small.isKept(run.key)], [false, true]);
    const facets = await readFacets({ ...source, index: large }, run.key);
    assert.equal(facets.total, 42);
    assert.deepEqual(facets, await readFacets({ ...source, index: small }, run.key));
  });
});
