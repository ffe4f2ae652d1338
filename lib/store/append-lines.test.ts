import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { isStratalError } from '@/lib/errors/stratal-error';
import { appendLines } from './append-lines';
import { connect, type Sql } from './database';
import type { LineInput, TaskRef } from './line-batch';
import type { RunRef } from './store';
import { makeLine } from './testing/make-lines';
import { committed, linesStep, makeRun, openTestStore, type TestStore } from './testing/test-store';

/** The transaction lock of all appends. */
const APPEND_LOCK = 7310010;

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

  const alone = (run: RunRef, lines: LineInput[], source: string, from: number) =>
    appendLines(sql, linesStep(run, lines), { source, expected: from, next: from + lines.length });
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
    const shapes: Array<{ lines: (task: TaskRef) => LineInput[]; isLong?: true }> = [
      { lines: () => [makeLine('one')] },
      {
        lines: (task) => [
          makeLine('of a task', { task, level: 'error' }),
          makeLine('too', { task, stream: 'stderr', level: 'warn' }),
        ],
      },
      { lines: (task) => [makeLine('of a task', { task }), makeLine('of none', { level: 'debug' })], isLong: true },
      { lines: () => [makeLine('größer €', { attributes: '{"a":1}' }), makeLine('', { continues: true })] },
      {
        lines: () =>
          Array.from({ length: 300 }, (_, index) =>
            makeLine(`line ${index}`, { timeUs: 1_700_000_000_000_000 + index }),
          ),
      },
      { lines: () => Array.from({ length: 5000 }, (_, index) => makeLine(`of two chunks ${index}`)), isLong: true },
      { lines: () => [makeLine('::group::a title'), makeLine('inside'), makeLine('::endgroup::')] },
    ];
    let position = 0;
    let previous: number | undefined;
    for (const { lines, isLong } of shapes) {
      const mine = lines(tasks[0]);
      const short = await alone(runs[0], mine, sources[0], position);
      assert.equal(short === undefined, isLong === true, 'only what it is for goes the short way');
      const source = { source: sources[0], expected: position, next: position + mine.length };
      const one = short ?? committed(await store.append([linesStep(runs[0], mine)], [source]));
      const two = await inGroup(runs[1], lines(tasks[1]), sources[1], position);
      position += mine.length;
      assert.equal(one.outcomes[0]?.kind, 'done');
      assert.deepEqual(
        one.commits.map(({ entry, batch }) => [entry.firstLine, entry.lineCount, entry.status, batch?.columns.message]),
        two.commits.map(({ entry, batch }) => [entry.firstLine, entry.lineCount, entry.status, batch?.columns.message]),
      );
      if (previous !== undefined) assert.equal(one.previousPosition, previous, 'the commit before');
      assert.equal(one.commits[0]?.entry.position, one.position);
      assert.equal(two.previousPosition, one.position);
      previous = two.position;
    }
    assert.deepEqual(await stored(runs[0], tasks[0], sources[0]), await stored(runs[1], tasks[1], sources[1]));
  });

  test('revive a lost run', async () => {
    const { store } = context;
    const run = await makeRun(store, 'lost');
    await sql`update job_runs set status = 'lost', finished_at = 5 where key = ${run.key}`;
    const revived = await appendLines(sql, linesStep(run, [makeLine('back')]), undefined);
    assert.equal(revived?.commits[0]?.entry.status, 'running');
    const [row] = await sql`select status, finished_at from job_runs where key = ${run.key}`;
    assert.deepEqual({ ...row }, { status: 'running', finished_at: null });
  });

  test('change nothing where the run is pending, over or gone, or the source is elsewhere', async () => {
    const { store } = context;
    const source = randomUUID();
    const lines = [makeLine('x')];
    const still = await makeRun(store, 'still');
    assert.ok(await alone(still, lines, source, 0));
    const made = committed(await store.append([{ kind: 'create', id: 'w', jobName: 'w', status: 'pending' }], []));
    const pending = made.outcomes[0]?.kind === 'done' ? made.outcomes[0].run : undefined;
    const over = await makeRun(store, 'over');
    await store.append([{ kind: 'finish', run: over, finish: { status: 'completed' } }], []);
    const gone = await makeRun(store, 'gone');
    await store.deleteRun('gone');
    assert.ok(pending);
    const before = await everything();
    assert.equal(await alone(still, lines, source, 0), undefined, 'the source is at 1');
    for (const run of [pending, over, gone]) assert.equal(await alone(run, lines, source, 1), undefined, run.id);
    assert.deepEqual(await everything(), before);

    const late = committed(await store.append([linesStep(over, lines)], []));
    assert.deepEqual([late.commits[0]?.entry.status, late.commits[0]?.entry.end?.number], ['completed', 2]);
    const started = committed(await store.append([linesStep(pending, lines)], []));
    assert.deepEqual(
      started.commits.map(({ entry }) => entry.firstLine),
      [1, 2],
    );
  });

  test('fail once where the session is lost, and go on with the next', async () => {
    const { store } = context;
    const run = await makeRun(store, 'session');
    const { options } = context.database;
    const other = connect(options, 2);
    const sessions = connect(options, 1);
    const [session] = await sessions<Array<{ pid: number }>>`select pg_backend_pid() as pid`;
    const holder = await other.reserve();
    await holder`select pg_advisory_lock(${APPEND_LOCK})`;
    const lost = appendLines(sessions, linesStep(run, [makeLine('lost')]), undefined);
    await Promise.all([
      assert.rejects(lost, (error) => isStratalError(error) && error.code === 'STRATAL_INGEST_UNCERTAIN'),
      other`select pg_terminate_backend(${session?.pid ?? 0})`,
    ]);
    await holder`select pg_advisory_unlock(${APPEND_LOCK})`;
    holder.release();
    const next = await appendLines(sessions, linesStep(run, [makeLine('next')]), undefined);
    assert.equal(next?.commits[0]?.entry.firstLine, 1);
    await Promise.all([other.end(), sessions.end()]);
  });

  async function everything() {
    const [row] = await sql`
      select (select jsonb_agg(r order by key) from job_runs r) as runs, (select count(*) from log_chunks) as chunks,
        (select jsonb_agg(a order by position) from log_appends a) as entries,
        (select jsonb_agg(p order by source) from producers p) as producers, pg_sequence_last_value('log_position') as head`;
    return row;
  }
});

/** Facets without the key of their task, which differs by run. */
function levelsOf(facets: unknown): unknown {
  const all: unknown = JSON.parse(String(facets));
  assert.ok(Array.isArray(all));
  return all.map(([task, ...rest]: unknown[]) => [task === 0, ...rest]);
}
