import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { checkTestStore } from './check/testing/checked-store';
import { connectPlainly, type Sql } from './database';
import { linesOf } from './testing/fill-store';
import { makeLine } from './testing/make-lines';
import { committed, makeRun, openTestStore, type TestStore } from './testing/test-store';

describe('a run that is deleted', () => {
  let context: TestStore;
  /** One session, so that a transaction can be held open in it. */
  let holder: Sql;
  before(async () => {
    context = await openTestStore();
    holder = connectPlainly(context.database.options, 1);
  });
  after(async () => {
    await holder.end();
    await context.close();
  });

  /** Resolves when so many sessions of the store wait for a lock. */
  async function waiting(count: number): Promise<void> {
    for (;;) {
      const [row] = await context.store.database.sql<Array<{ n: number }>>`
        select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
      `;
      if ((row?.n ?? 0) >= count) return;
    }
  }

  test('while lines are appended to it takes them along or is told to their producer: none is counted and not stored', async () => {
    const { store } = context;
    const [doomed, other] = [await makeRun(store, 'doomed'), await makeRun(store, 'other')];
    const task = await store.resolveTask(doomed, { name: 'build' });
    const source = randomUUID();
    const lines = (from: number) =>
      store.append(
        [linesOf(doomed, [makeLine('of the doomed')]), linesOf(other, [makeLine('of the other')])],
        [{ source, expected: from, next: from + 2 }],
      );
    committed(await lines(0));

    // Its task cannot be deleted, so the deletion stays where its run is gone for nobody else yet.
    await holder`begin`;
    await holder`select from task_runs where key = ${task.key} for update`;
    const deletion = store.deleteRun('doomed');
    await waiting(1);
    const append = lines(2);
    await waiting(2);
    await holder`commit`;

    assert.equal(await deletion, true);
    assert.deepEqual(await append, { kind: 'gone', runKeys: [doomed.key] });
    assert.equal((await store.sourcePositions([source])).get(source), 2);
    assert.equal((await store.readRun('other'))?.line_count, 1);
    assert.deepEqual((await checkTestStore(context)).findings, []);
  });
});
