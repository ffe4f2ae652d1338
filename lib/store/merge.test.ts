import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { CHUNK_BYTES_MAX, CHUNK_LINES_TARGET } from '@/lib/config/limits';
import { append } from './append';
import { connectPlainly } from './database';
import { findMergeable, mergeRun } from './merge';
import { planMerges } from './merge-plan';
import type { RunRef } from './store';
import { makeLine } from './testing/make-lines';
import { appendLines, committed, linesStep, makeRun, openTestStore, type TestStore } from './testing/test-store';

test('plans merges that are adjacent, disjoint, within the bounds of a chunk and of at least two chunks', () => {
  const size = fc.record({
    line_count: fc.integer({ min: 1, max: 5000 }),
    text_bytes: fc.integer({ min: 0, max: 1_500_000 }),
  });
  fc.assert(
    fc.property(fc.array(size, { maxLength: 80 }), fc.integer({ min: 2, max: 20 }), (sizes, chunksMin) => {
      let line = 1;
      const chunks = sizes.map((one) => {
        const chunk = { ...one, first_line: line };
        line += one.line_count;
        return chunk;
      });
      let after = 0;
      for (const plan of planMerges(chunks, chunksMin)) {
        assert.ok(plan.firstLine > after);
        const members = chunks.filter(
          (c) => c.first_line >= plan.firstLine && c.first_line < plan.firstLine + plan.lines,
        );
        assert.equal(members.length, plan.chunks);
        assert.ok(plan.chunks >= 2);
        assert.equal(
          members.reduce((sum, c) => sum + c.line_count, 0),
          plan.lines,
        );
        assert.ok(plan.lines <= CHUNK_LINES_TARGET);
        assert.ok(members.reduce((sum, c) => sum + c.text_bytes, 0) <= CHUNK_BYTES_MAX);
        after = plan.firstLine + plan.lines - 1;
      }
    }),
  );
});

describe('mergeRun', () => {
  let context: TestStore;
  before(async () => {
    context = await openTestStore();
  });
  after(() => context.close());

  async function chunkCount(run: RunRef): Promise<number> {
    const [row] = await context.store.database
      .sql`select count(*)::int as n from log_chunks where run_key = ${run.key}`;
    return Number(row?.n);
  }

  async function texts(run: RunRef): Promise<string[]> {
    const fresh = await context.openAnother();
    const page = await fresh.readPage({ run, start: { kind: 'offset', offset: 0 }, limit: 1000, filter: {} });
    return page.lines.map(({ batch, index }) => batch.toJson(index));
  }

  test('keeps every line as it was, in fewer chunks', async () => {
    const { store } = context;
    const run = await makeRun(store, 'merged');
    const task = await store.resolveTask(run, { name: 'build' });
    for (let n = 0; n < 40; n++) {
      await appendLines(store, run, [
        makeLine(`line ${n} äöü`, { ...(n % 2 === 0 && { task }), attributes: `{"n":${n}}` }),
      ]);
    }
    const before = await texts(run);
    assert.deepEqual(await findMergeable(store.database.sql, 2), [run.key]);
    assert.equal((await mergeRun(store.database.sql, run.key)).merged, 40);
    assert.equal(await chunkCount(run), 1);
    assert.deepEqual(await texts(run), before);
    assert.deepEqual(await findMergeable(store.database.sql, 2), []);
  });

  test('lets one of two merges at the same time win, and appends go on beside them', async () => {
    const { store } = context;
    const other = await context.openAnother();
    const run = await makeRun(store, 'contended');
    for (let n = 0; n < 30; n++) await appendLines(store, run, [makeLine(`line ${n}`)]);
    await Promise.all([
      mergeRun(store.database.sql, run.key, { isEnded: true }),
      mergeRun(other.database.sql, run.key, { isEnded: true }),
      appendLines(other, run, [makeLine('line 30')]),
    ]);
    const page = await other.readPage({ run, start: { kind: 'offset', offset: 0 }, limit: 100, filter: {} });
    assert.deepEqual(
      page.lines.map(({ batch, index }) => batch.message(index)),
      Array.from({ length: 31 }, (_, n) => `line ${n}`),
    );
  });

  test('holds nothing that an append to its run waits for, however long it takes', async () => {
    const { store, database } = context;
    const run = await makeRun(store, 'long');
    for (let n = 0; n < 20; n++) await appendLines(store, run, [makeLine(`line ${n}`)]);
    const merging = connectPlainly(database.options, 1);
    const appending = connectPlainly(database.options, 1);
    const lines = [linesStep(run, [makeLine('alone')]), linesStep(run, [makeLine('in a group')])];
    // What waits for the merge fails, and does not wait for this test to end it.
    await appending`set lock_timeout = '1s'`;
    await merging`begin`;
    assert.equal((await mergeRun(merging, run.key, { isEnded: true })).merged, 20);
    committed(await append(appending, lines.slice(0, 1), []));
    committed(await append(appending, lines, []));
    await merging`commit`;
    assert.equal(await chunkCount(run), 4);
    assert.equal((await store.readRun('long'))?.line_count, 23);
    await Promise.all([merging.end(), appending.end()]);
  });

  test('leaves the chunks of a run alone that was deleted meanwhile', async () => {
    const { store } = context;
    const run = await makeRun(store, 'deleted');
    for (let n = 0; n < 20; n++) await appendLines(store, run, [makeLine(`line ${n}`)]);
    await Promise.all([store.deleteRun('deleted'), mergeRun(store.database.sql, run.key, { isEnded: true })]);
    assert.equal(await store.readRun('deleted'), undefined);
  });
});
