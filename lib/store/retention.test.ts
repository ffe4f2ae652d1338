import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { CHUNK_LINES_TARGET } from '@/lib/config/limits';
import { trimJournal } from './journal';
import type { LineInput } from './line-batch';
import { mergeRun } from './merge';
import type { OpenStore } from './open-store';
import { Retention, type RetentionLimits } from './retention';
import { findExcessBytes } from './retention-plan';
import type { RunRef } from './store';
import { makeLine } from './testing/make-lines';
import { appendLines, committed, makeRun, openTestStore, type TestStore } from './testing/test-store';

const HOUR_MS = 3_600_000;
const DAY_US = 24 * 3600 * 1_000_000;
const fail = (error: unknown) => {
  throw error;
};
const NONE: RetentionLimits = { ageMs: undefined, bytes: undefined, lines: undefined };

describe('retention', () => {
  let context: TestStore;
  let store: OpenStore;
  const changed: number[] = [];
  before(async () => {
    context = await openTestStore();
    store = context.store;
  });
  afterEach(async () => {
    await store.database.sql`truncate job_runs, task_runs, log_chunks, log_appends`;
    changed.length = 0;
  });
  after(() => context.close());

  async function pass(limits: Partial<RetentionLimits>, on: OpenStore = store) {
    const retention = new Retention({
      store: on,
      limits: { ...NONE, ...limits },
      intervalMs: HOUR_MS,
      onRemoved: (keys) => changed.push(...keys),
      onError: fail,
    });
    try {
      return await retention.pass();
    } finally {
      await retention.stop();
    }
  }

  /** A run of chunks with so many lines each, in one commit a chunk. */
  async function runOf(id: string, chunks: readonly LineInput[][]): Promise<RunRef> {
    const run = await makeRun(store, id);
    for (const lines of chunks) await appendLines(store, run, lines);
    return run;
  }

  async function finish(run: RunRef, agoDays = 0): Promise<void> {
    committed(await store.append([{ kind: 'finish', run, finish: { status: 'completed' } }], []));
    await age(run, agoDays);
  }

  async function age(run: RunRef, days: number): Promise<void> {
    const us = days * DAY_US;
    await store.database.sql`
      update job_runs set created_at = created_at - ${us}::bigint, finished_at = finished_at - ${us}::bigint where key = ${run.key}
    `;
  }

  /** The journal forgets all but its newest entry, which is of another run. */
  async function forgetJournal(): Promise<void> {
    await runOf('newest', [[makeLine('newest')]]);
    await trimJournal(store.database.sql, -HOUR_MS, HOUR_MS);
  }

  const lines = (count: number, shape = {}) => Array.from({ length: count }, (_, n) => makeLine(`line ${n}`, shape));
  const ids = async () => (await store.listRuns({ jobs: 'all', limit: 100 })).runs.map(({ id }) => id).sort();

  /** Everything that counts a run's lines says the same. */
  async function expectAgreement(id: string): Promise<void> {
    const run = await store.readRun(id);
    const head = await store.runHead(id);
    assert.ok(run && head);
    const facets = await store.facets(head);
    const page = await store.readPage({ run: head, start: { kind: 'offset', offset: 0 }, limit: 1000, filter: {} });
    const info = await store.readPage({
      run: head,
      start: { kind: 'offset', offset: 0 },
      limit: 1,
      filter: { levels: new Set(['info']) },
    });
    assert.equal(run.line_count, head.lastLine - head.firstLine + 1);
    assert.equal(run.first_line, head.firstLine);
    assert.deepEqual([facets.total, page.total, page.lines.length], [run.line_count, run.line_count, run.line_count]);
    assert.deepEqual(facets.level, run.level_counts);
    assert.equal(info.total, run.level_counts.info);
    const first = page.lines[0];
    if (first) assert.equal(first.batch.firstLine + first.index, head.firstLine);
    for (const task of (await store.listTasks({ runId: id, limit: 100 })).tasks) {
      assert.equal(facets.task.find((one) => one.task_run_id === task.id)?.count ?? 0, task.line_count, task.task_name);
    }
  }

  test('keeps at least so many lines of a run, in whole chunks, and every count follows', async () => {
    const run = await makeRun(store, 'long');
    const [build, deploy] = [
      await store.resolveTask(run, { name: 'build' }),
      await store.resolveTask(run, { name: 'deploy' }),
    ];
    await appendLines(store, run, [...lines(30, { task: build }), ...lines(20, { task: build, level: 'error' })]);
    await appendLines(store, run, lines(50, { level: 'warn', task: deploy }));
    await appendLines(store, run, [...lines(30), ...lines(20, { task: build, level: 'debug' })]);
    const short = await runOf('short', [lines(50), lines(10)]);
    assert.deepEqual(await pass({ lines: 60 }), { lines: 50, runs: 0 });
    assert.deepEqual(changed, [run.key]);
    const stored = await store.readRun('long');
    assert.deepEqual([stored?.first_line, stored?.line_count, stored?.byte_count], [51, 100, 150]);
    assert.deepEqual(stored?.level_counts, { info: 30, error: 0, warn: 50, debug: 20 });
    for (const id of ['long', 'short']) await expectAgreement(id);
    assert.equal((await store.runHeadByKey(short.key))?.firstLine, 1);
    assert.deepEqual(await pass({ lines: 60 }), { lines: 0, runs: 0 }, 'a second pass finds nothing');
    const next = await appendLines(store, run, lines(1));
    assert.equal(next.commits[0]?.entry.firstLine, 151, 'numbers go on');
    await expectAgreement('long');
  });

  test('takes runs that ended longer ago than the age, and old lines of those that go on', async () => {
    const nowUs = Date.now() * 1000;
    const [old, fresh] = [lines(10, { timeUs: nowUs - 40 * DAY_US }), lines(10, { timeUs: nowUs })];
    const over = await runOf('over', [fresh]);
    await finish(over, 31);
    const recent = await runOf('recent', [old]);
    await finish(recent, 29);
    const going = await runOf('going', [old, [...old, ...fresh], old, fresh]);
    await age(going, 60);
    const silent = await runOf('silent', [old]);
    await age(silent, 60);
    const sentLate = await runOf('sent-late', [old]);
    await forgetJournal();
    assert.deepEqual(await pass({ ageMs: 30 * 24 * HOUR_MS }), { lines: 30, runs: 1 });
    assert.deepEqual(await ids(), ['going', 'newest', 'recent', 'sent-late', 'silent']);
    const head = async ({ key }: RunRef) => {
      const { firstLine, lastLine } = (await store.runHeadByKey(key)) ?? {};
      return [firstLine, lastLine];
    };
    assert.deepEqual(await head(going), [11, 50], 'up to the first chunk with a newer line');
    assert.deepEqual(await head(silent), [11, 10], 'a run that goes on stays, with no line at all');
    assert.deepEqual(await head(sentLate), [1, 10], 'old times in a new run');
    for (const id of await ids()) await expectAgreement(id);
    const next = await appendLines(store, silent, fresh);
    assert.equal(next.commits[0]?.entry.firstLine, 11);
    await expectAgreement('silent');
  });

  test('over the bytes takes the runs that ended first, then the oldest chunks of those that go on', async () => {
    const random = () => makeLine(Array.from({ length: 400 }, () => Math.random().toString(36)).join(''));
    const chunks = (count: number, timeUs: number) =>
      Array.from({ length: count }, (_, n) => [{ ...random(), timeUs: timeUs + n }]);
    const nowUs = Date.now() * 1000;
    const first = await runOf('first', chunks(4, nowUs));
    const going = await runOf('going', chunks(6, nowUs - DAY_US));
    const second = await runOf('second', chunks(4, nowUs));
    const pinned = await runOf('pinned', chunks(4, nowUs - 2 * DAY_US));
    await store.updateRun('pinned', { pinned: true });
    for (const [run, days] of [
      [second, 1],
      [first, 2],
      [pinned, 3],
    ] as const)
      await finish(run, days);
    const held = (await findExcessBytes(store.database.sql, 1)) + 1;
    const unit = held / 18;
    await forgetJournal();
    assert.deepEqual(await pass({ bytes: held + 1000 }), { lines: 0, runs: 0 });
    assert.deepEqual(await pass({ bytes: Math.round(unit * 16.5) }), { lines: 4, runs: 1 });
    assert.deepEqual(await ids(), ['going', 'newest', 'pinned', 'second']);
    assert.deepEqual(await pass({ bytes: Math.round(unit * 8.5) }), { lines: 6, runs: 1 });
    assert.deepEqual(await ids(), ['going', 'newest', 'pinned']);
    assert.equal((await store.runHeadByKey(going.key))?.firstLine, 3);
    assert.deepEqual(await pass({ bytes: 0 }), { lines: 3, runs: 0 });
    assert.deepEqual((await store.readRun('going'))?.line_count, 1, 'the newest chunk stays');
    for (const id of await ids()) await expectAgreement(id);
  });

  test('touches neither pinned runs nor, as a whole, those that run or wait', async () => {
    const pinned = await runOf('pinned', [lines(10), lines(10)]);
    await store.updateRun('pinned', { pinned: true });
    await finish(pinned, 400);
    const pending = { kind: 'create' as const, id: 'pending', jobName: 'p', status: 'pending' as const };
    const [made] = committed(await store.append([pending], [])).outcomes;
    assert.ok(made?.kind === 'done');
    await age(made.run, 400);
    await forgetJournal();
    assert.deepEqual(await pass({ ageMs: HOUR_MS, bytes: 0, lines: 1 }), { lines: 0, runs: 0 });
    assert.deepEqual(await ids(), ['newest', 'pending', 'pinned']);
    assert.equal((await store.readRun('pinned'))?.line_count, 20);
  });

  test('an ended run stays, without lines, until the journal has forgotten it', async () => {
    const run = await runOf('ended', [lines(10)]);
    await store.resolveTask(run, { name: 'build' });
    await finish(run, 31);
    const limits = { ageMs: 30 * 24 * HOUR_MS };
    assert.deepEqual(await pass(limits), { lines: 10, runs: 0 });
    assert.equal((await store.readRun('ended'))?.line_count, 0);
    await expectAgreement('ended');
    await forgetJournal();
    assert.deepEqual(await pass(limits), { lines: 0, runs: 1 });
    assert.equal(await store.readRun('ended'), undefined);
    const [left] = await store.database.sql<Array<{ count: number }>>`select count(*)::int as count from task_runs`;
    assert.equal(left?.count, 0, 'its tasks are gone too');
  });

  test('a run that is pinned, or comes back, between plan and deletion stays as it is', async () => {
    const run = await runOf('pinned-late', [lines(10)]);
    await finish(run, 31);
    await store.updateRun('pinned-late', { pinned: true });
    assert.deepEqual(await store.truncateRun(run.key, 11, 100), { kind: 'changed' });
    assert.equal((await store.readRun('pinned-late'))?.line_count, 10);
    await store.updateRun('pinned-late', { pinned: false });
    assert.deepEqual(await store.truncateRun(run.key, 11, 100), { kind: 'removed', chunks: 1, lines: 10 });
    await appendLines(store, run, lines(3));
    assert.equal(await store.expireRun(run.key), false, 'late lines came');
    assert.equal((await store.readRun('pinned-late'))?.line_count, 3);
  });

  test('leaves a run alone whose chunks are merged in this moment, and takes them at the next pass', async () => {
    const run = await runOf('merging', [lines(2), lines(2), lines(2), lines(2)]);
    const { sql } = store.database;
    const merging = sql.begin(async (merge) => {
      // As a merge of the first two chunks, which ends once the deletion waits for it.
      await merge`delete from log_chunks where run_key = ${run.key} and first_line in (1, 3)`;
      await merge`
        insert into log_chunks select run_key, 1, 4, min_at, max_at, '[[0,0,0,4]]', text_bytes, codec, attrs, body
        from log_chunks where run_key = ${run.key} and first_line = 5
      `;
      const step = store.truncateRun(run.key, 7, 100);
      for (;;) {
        const waiting = await sql`
          select from pg_stat_activity where query like '%stratal_truncate(%' and wait_event_type = 'Lock' and datname = current_database()
        `;
        if (waiting.length > 0) return { step };
      }
    });
    const { step } = await merging;
    assert.deepEqual(await step, { kind: 'changed' });
    const counts = async () => {
      const { first_line: first, line_count: count, level_counts: levels } = (await store.readRun('merging')) ?? {};
      return [first, count, levels?.info, (await store.facets(run)).total];
    };
    assert.deepEqual(await counts(), [1, 8, 8, 8]);
    assert.deepEqual(await store.truncateRun(run.key, 7, 100), { kind: 'removed', chunks: 2, lines: 6 });
    assert.deepEqual(await counts(), [7, 2, 2, 2]);
  });

  test('is done by one node at a time', async () => {
    await runOf('long', [lines(10), lines(10), lines(10)]);
    const other = await context.openAnother();
    const retention = (on: OpenStore) =>
      new Retention({
        store: on,
        limits: { ...NONE, lines: 10 },
        intervalMs: HOUR_MS,
        onRemoved: () => {},
        onError: fail,
      });
    const [one, two] = [retention(store), retention(other)];
    assert.deepEqual(await one.pass(), { lines: 20, runs: 0 });
    await runOf('another', [lines(10), lines(10)]);
    assert.deepEqual(await two.pass(), { lines: 0, runs: 0 }, 'the first one has the lease');
    await one.stop();
    assert.deepEqual(await two.pass(), { lines: 10, runs: 0 });
    await two.stop();
  });

  test('loses and doubles nothing while lines are appended and chunks merged at the same time', async () => {
    const run = await makeRun(store, 'busy');
    const keep = CHUNK_LINES_TARGET;
    let isOver = false;
    const writing = (async () => {
      for (let batch = 0; batch < 120; batch++) {
        await appendLines(store, run, lines(200, { level: batch % 2 === 0 ? 'info' : 'error' }));
      }
    })().finally(() => {
      isOver = true;
    });
    const merging = (async () => {
      while (!isOver) await mergeRun(store.database.sql, run.key, { isEnded: true });
    })();
    const trimming = (async () => {
      while (!isOver) await pass({ lines: keep });
    })();
    await Promise.all([writing, merging, trimming]);
    await pass({ lines: keep });
    const head = await store.runHeadByKey(run.key);
    assert.ok(head && head.lastLine === 24_000 && head.firstLine > 1);
    assert.ok(head.lastLine - head.firstLine + 1 >= keep);
    const facets = await store.facets(run);
    const stored = await store.readRun('busy');
    assert.equal(facets.total, head.lastLine - head.firstLine + 1);
    assert.deepEqual(facets.level, stored?.level_counts);
    for (let line = head.firstLine; line <= head.lastLine; ) {
      const batch = await store.readBatch(run, line);
      assert.equal(batch?.firstLine, line);
      line = batch.lastLine + 1;
    }
  });

  test('a page that is read while its lines go agrees with the head that it carries', async () => {
    const run = await makeRun(store, 'paged');
    for (let chunk = 0; chunk < 60; chunk++) await appendLines(store, run, lines(100));
    const other = await context.openAnother();
    let isOver = false;
    const trimming = (async () => {
      for (let keep = 5900; keep >= 100; keep -= 100) await pass({ lines: keep }, other);
    })().finally(() => {
      isOver = true;
    });
    while (!isOver) {
      for (const filter of [{}, { levels: new Set(['info'] as const) }]) {
        const page = await store.readPage({ run, start: { kind: 'offset', offset: 0 }, limit: 1000, filter });
        const numbers = page.lines.map(({ batch, index }) => batch.firstLine + index);
        const first = page.head.firstLine;
        const count = Math.min(1000, page.head.lastLine - first + 1);
        assert.deepEqual(
          numbers,
          Array.from({ length: count }, (_, n) => first + n),
        );
        assert.equal(page.total, page.head.lastLine - first + 1);
      }
    }
    await trimming;
  });
});
