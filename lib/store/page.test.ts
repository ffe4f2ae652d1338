import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { LineFilter } from '@/lib/protocol/filter';
import { matchesLine } from '@/lib/protocol/filter-match';
import { parseFilter } from '@/lib/protocol/filter-parse';
import type { LineInput, TaskRef } from './line-batch';
import { mergeRun } from './merge';
import type { LinePage, PageStart, RunRef } from './store';
import { makeLine } from './testing/make-lines';
import { appendLines, makeRun, openTestStore, type TestStore } from './testing/test-store';

const START_US = 1_700_000_000_000_000;

/** The lines of a run as the test knows them; everything that a page answers is worked out from here. */
class Model {
  readonly lines: LineInput[];

  constructor(lines: LineInput[]) {
    this.lines = lines;
  }

  expected(start: PageStart, limit: number, filter: LineFilter) {
    const matching = this.lines
      .map((line, index) => ({ line, number: index + 1 }))
      .filter(({ line }) => matchesLine(filter, line, line.timeUs, line.message));
    let from = 0;
    if (start.kind === 'offset') from = start.offset;
    else if (start.kind === 'tail') from = Math.max(0, matching.length - start.count);
    else {
      const first = start.kind === 'after' ? start.line + 1 : this.#firstAt(start.timeUs);
      from = matching.filter(({ number }) => number < first).length;
    }
    return {
      numbers: matching.slice(from, from + limit).map(({ number }) => number),
      total: filter.text ? null : matching.length,
      offset: filter.text ? null : from,
    };
  }

  #firstAt(timeUs: number): number {
    const index = this.lines.findIndex((line) => line.timeUs >= timeUs);
    return index < 0 ? this.lines.length + 1 : index + 1;
  }
}

function numbers(page: LinePage): number[] {
  return page.lines.map(({ batch, index }) => batch.firstLine + index);
}

function filterOf(parameters: Record<string, string>): LineFilter {
  const parsed = parseFilter(parameters);
  assert.ok(parsed.ok);
  return parsed.filter;
}

describe('readPage', () => {
  let context: TestStore;
  let run: RunRef;
  let model: Model;
  let tasks: TaskRef[];

  before(async () => {
    context = await openTestStore();
    const { store } = context;
    run = await makeRun(store, 'paged');
    tasks = [await store.resolveTask(run, { name: 'build' }), await store.resolveTask(run, { name: 'test' })];
    const lines: LineInput[] = [];
    for (let batch = 0; batch < 60; batch++) {
      const part = Array.from({ length: 1 + ((batch * 7) % 23) }, (_, n) =>
        makeLine(`batch ${batch} line ${n}${n % 5 === 0 ? ' needle' : ''}`, {
          level: batch % 10 === 9 ? 'error' : n % 4 === 0 ? 'debug' : 'info',
          stream: n % 3 === 0 ? 'stderr' : 'stdout',
          ...(batch % 3 !== 0 && { task: tasks[batch % 2] }),
          // Not in order: every fifth batch is late by a minute.
          timeUs: START_US + batch * 1_000_000 + n - (batch % 5 === 4 ? 60_000_000 : 0),
        }),
      );
      await appendLines(store, run, part);
      lines.push(...part);
    }
    // Half merged, half not: as a run in use looks.
    model = new Model(lines);
    await mergeRun(store.database.sql, run.key);
    for (let batch = 0; batch < 10; batch++) {
      const part = [makeLine(`tail ${batch} needle`, { timeUs: START_US + 100_000_000 + batch })];
      await appendLines(store, run, part);
      lines.push(...part);
    }
  });
  after(() => context.close());

  const filters = fc.constantFrom<Record<string, string>>(
    {},
    { level: 'error' },
    { level: 'error,debug', stream: 'stderr' },
    { task_name: 'build' },
    { task_name: 'test', level: 'info' },
    { from: '2023-11-14T22:13:40Z', to: '2023-11-14T22:14:00.000003Z' },
    { from: '2023-11-14T22:13:40Z', level: 'error' },
    { task_name: 'nobody' },
    { q: 'needle' },
    { q: 'needle -tail', stream: 'stdout' },
    { q: '/line 1\\d/', level: 'info' },
  );
  const starts: fc.Arbitrary<PageStart> = fc.oneof(
    fc.record({ kind: fc.constant('offset' as const), offset: fc.integer({ min: 0, max: 900 }) }),
    fc.record({ kind: fc.constant('after' as const), line: fc.integer({ min: 0, max: 800 }) }),
    fc.record({ kind: fc.constant('tail' as const), count: fc.integer({ min: 1, max: 400 }) }),
    fc.record({
      kind: fc.constant('at' as const),
      timeUs: fc.integer({ min: -70, max: 130 }).map((seconds) => START_US + seconds * 1_000_000),
    }),
  );

  test('answers the lines, total and offset that a plain walk over the run gives', async () => {
    await fc.assert(
      fc.asyncProperty(filters, starts, fc.integer({ min: 1, max: 300 }), async (parameters, start, limit) => {
        const filter = filterOf(parameters);
        const count = start.kind === 'tail' ? start.count : limit;
        const page = await context.store.readPage({ run, start, limit: count, filter });
        const expected = model.expected(start, count, filter);
        assert.deepEqual(numbers(page), expected.numbers);
        assert.equal(page.total, expected.total);
        if (expected.numbers.length > 0) assert.equal(page.offset, expected.offset);
      }),
      { numRuns: 150 },
    );
  });

  test('pages through any filter by cursor without a gap or a double', async () => {
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 1, max: 90 }), async (parameters, limit) => {
        const filter = filterOf(parameters);
        const seen: number[] = [];
        for (let line = 0; line < model.lines.length; ) {
          const page = await context.store.readPage({ run, start: { kind: 'after', line }, limit, filter });
          seen.push(...numbers(page));
          assert.ok(page.lastSeen > line, 'the cursor moves on');
          line = page.lastSeen;
        }
        const all = model.expected({ kind: 'offset', offset: 0 }, model.lines.length, filter);
        assert.deepEqual(seen, all.numbers);
      }),
      { numRuns: 25 },
    );
  });

  test('counts facets over merged and new chunks alike', async () => {
    const facets = await context.store.facets(run);
    const count = (pick: (line: LineInput) => boolean) => model.lines.filter(pick).length;
    assert.equal(facets.total, model.lines.length);
    assert.equal(
      facets.level.error,
      count((line) => line.level === 'error'),
    );
    assert.equal(
      facets.stream.stderr,
      count((line) => line.stream === 'stderr'),
    );
    for (const task of tasks) {
      assert.equal(
        facets.task.find((one) => one.task_run_id === task.id)?.count,
        count((line) => line.task === task),
      );
    }
  });
});
