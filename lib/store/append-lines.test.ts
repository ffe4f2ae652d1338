import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { connect, type Sql } from './database';
import type { LineInput, TaskRef } from './line-batch';
import type { RunRef } from './store';
import { makeLine } from './testing/make-lines';
import { committed, linesStep, makeRun, openTestStore, type TestStore } from './testing/test-store';

/** The short way by which lines are appended alone has to leave the same behind as the long one that groups of steps take. */
describe('lines appended alone', () => {
  let context: TestStore;
  let sql: Sql;
  before(async () => {
    context = await openTestStore();
    sql = connect(context.database.options, 1);
  });
  after(async () => {
    await sql.end();
    await context.close();
  });

  const alone = async (run: RunRef, lines: LineInput[], source: string, from: number) =>
    committed(
      await context.store.append([linesStep(run, lines)], [{ source, expected: from, next: from + lines.length }]),
    );
  const inGroup = async (run: RunRef, lines: LineInput[], source: string, from: number) =>
    committed(
      await context.store.append(
        [linesStep(run, lines), { kind: 'heartbeat', run }],
        [{ source, expected: from, next: from + lines.length }],
      ),
    );

  async function stored(run: RunRef, task: TaskRef, source: string) {
    const [row] = await sql`
      select status, finished_at, last_line, byte_count, info_count, error_count, warn_count, debug_count, masked_count,
        replaced_count, ends from job_runs where key = ${run.key}`;
    const chunks = await sql`
      select first_line, line_count, min_at, max_at, facets::text, text_bytes, codec, attrs, body, marks
      from log_chunks where run_key = ${run.key} order by first_line`;
    const [counts] = await sql`
      select info_count, error_count, warn_count, debug_count from task_runs where key = ${task.key}`;
    const [producer] = await sql`select next_position from producers where source = ${source}`;
    const entries = await sql`
      select first_line, line_count, status, run_end from log_appends where run_key = ${run.key} order by position`;
    return {
      row,
      chunks: chunks.map((chunk) => ({ ...chunk, facets: levelsOf(chunk.facets) })),
      counts,
      producer,
      entries,
    };
  }

  test('leave the same behind as in a group, of any shape', async () => {
    const { store } = context;
    const runs = [await makeRun(store, 'alone'), await makeRun(store, 'group')] as const;
    const tasks = [
      await store.resolveTask(runs[0], { id: 'task-alone', name: 'build' }),
      await store.resolveTask(runs[1], { id: 'task-group', name: 'build' }),
    ] as const;
    const sources = [randomUUID(), randomUUID()] as const;
    const shapes: Array<(task: TaskRef) => LineInput[]> = [
      () => [makeLine('one')],
      (task) => [
        makeLine('of a task', { task, level: 'error' }),
        makeLine('too', { task, stream: 'stderr', level: 'warn' }),
      ],
      (task) => [makeLine('of a task', { task }), makeLine('of none', { level: 'debug' })],
      () => [makeLine('größer €', { attributes: '{"a":1}' }), makeLine('', { continues: true })],
      () =>
        Array.from({ length: 300 }, (_, index) => makeLine(`line ${index}`, { timeUs: 1_700_000_000_000_000 + index })),
      () => Array.from({ length: 5000 }, (_, index) => makeLine(`of two chunks ${index}`)),
      () => [makeLine('::group::a title'), makeLine('inside'), makeLine('::endgroup::')],
    ];
    let position = 0;
    for (const shape of shapes) {
      const mine = shape(tasks[0]);
      const one = await alone(runs[0], mine, sources[0], position);
      const two = await inGroup(runs[1], shape(tasks[1]), sources[1], position);
      position += mine.length;
      assert.equal(one.outcomes[0]?.kind, 'done');
      assert.deepEqual(
        one.commits.map(({ entry, batch }) => [entry.firstLine, entry.lineCount, entry.status, batch?.columns.message]),
        two.commits.map(({ entry, batch }) => [entry.firstLine, entry.lineCount, entry.status, batch?.columns.message]),
      );
      assert.ok(one.previousPosition < one.position && one.position <= two.previousPosition);
    }
    assert.deepEqual(await stored(runs[0], tasks[0], sources[0]), await stored(runs[1], tasks[1], sources[1]));
  });

  test('revive a lost run, and make another run-end where it is over', async () => {
    const { store } = context;
    const run = await makeRun(store, 'lost');
    await sql`update job_runs set status = 'lost', finished_at = 5 where key = ${run.key}`;
    const revived = committed(await store.append([linesStep(run, [makeLine('back')])], []));
    assert.equal(revived.commits[0]?.entry.status, 'running');
    const [row] = await sql`select status, finished_at from job_runs where key = ${run.key}`;
    assert.deepEqual({ ...row }, { status: 'running', finished_at: null });
    await store.append([{ kind: 'finish', run, finish: { status: 'completed' } }], []);
    const late = committed(await store.append([linesStep(run, [makeLine('late')])], []));
    assert.deepEqual([late.commits[0]?.entry.status, late.commits[0]?.entry.end?.number], ['completed', 2]);
  });

  test('change nothing where the run is gone or the source is elsewhere', async () => {
    const { store } = context;
    const run = await makeRun(store, 'still');
    const source = randomUUID();
    const lines = [makeLine('x')];
    await alone(run, lines, source, 0);
    const stale = await store.append([linesStep(run, lines)], [{ source, expected: 0, next: 1 }]);
    assert.deepEqual(stale, { kind: 'stale', actual: new Map([[source, 1]]) });
    await store.deleteRun('still');
    const gone = await store.append([linesStep(run, lines)], [{ source, expected: 1, next: 2 }]);
    assert.deepEqual(gone, { kind: 'gone', runKeys: [run.key] });
    const [producer] = await sql`select next_position from producers where source = ${source}`;
    assert.equal(producer?.next_position, 1);
  });
});

/** Facets without the key of their task, which differs by run. */
function levelsOf(facets: unknown): unknown {
  const all: unknown = JSON.parse(String(facets));
  assert.ok(Array.isArray(all));
  return all.map(([task, ...rest]: unknown[]) => [task === 0, ...rest]);
}
