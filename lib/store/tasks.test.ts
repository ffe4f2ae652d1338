import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isStratalError } from '@/lib/errors/stratal-error';
import { TASKS_OF_RUN_MAX } from '@/lib/protocol/limits';
import { fillTasks } from './testing/fill-tasks';
import { makeRun, openTestStore, type TestStore } from './testing/test-store';

describe('tasks', () => {
  let context: TestStore;
  before(async () => {
    context = await openTestStore();
    await makeRun(context.store, 'run');
    await makeRun(context.store, 'other');
  });
  after(() => context.close());

  const make = (input: { id?: string; runId?: string; name?: string; attempt?: number }) =>
    context.store.createTask({ runId: 'run', name: 'build', status: 'running', ...input });

  test('gives each retry the next attempt, also where several ask at once', async () => {
    const made = await Promise.all(Array.from({ length: 4 }, () => make({ name: 'retried' })));
    assert.deepEqual(made.map(({ task }) => task.attempt).sort(), [1, 2, 3, 4]);
  });

  test('answers the task there is to the same id, and refuses it for another run, name or attempt', async () => {
    const { task } = await make({ id: 'fixed', name: 'fixed' });
    const again = await make({ id: 'fixed', name: 'fixed' });
    assert.deepEqual([again.created, again.task.attempt], [false, task.attempt]);
    for (const other of [{ runId: 'other' }, { name: 'else' }, { attempt: 9 }]) {
      await assert.rejects(
        make({ id: 'fixed', name: 'fixed', ...other }),
        (error) => isStratalError(error) && error.code === 'STRATAL_TASK_CONFLICT',
      );
    }
  });

  test('takes a name alone as its newest attempt, and makes the first', async () => {
    const { store } = context;
    const run = await makeRun(store, 'run');
    assert.equal((await store.resolveTask(run, { name: 'named' })).attempt, 1);
    const second = await make({ name: 'named' });
    assert.equal((await store.resolveTask(run, { name: 'named' })).id, second.task.id);
  });

  test('refuses a task of another run', async () => {
    const { store } = context;
    await make({ id: 'mine' });
    const other = await makeRun(store, 'other');
    await assert.rejects(
      store.resolveTask(other, { id: 'mine' }),
      (error) => isStratalError(error) && error.members.field === 'task_run_id',
    );
  });

  test('makes as many tasks of a run as it may have and no more, and goes on finding those', async () => {
    const { store } = context;
    const run = await makeRun(store, 'full');
    await fillTasks(store, run);
    const { task } = await make({ runId: 'full', name: 'last' });
    const isRefused = (error: unknown) => isStratalError(error) && error.code === 'STRATAL_TOO_MANY_TASKS';
    await assert.rejects(make({ runId: 'full', name: 'one more' }), isRefused);
    await assert.rejects(store.resolveTask(run, { id: 'one-more' }), isRefused);
    await assert.rejects(store.resolveTask(run, { name: 'one more' }), isRefused);
    assert.equal((await store.resolveTask(run, { name: 'item 7' })).id, 'full-7');
    assert.equal((await make({ runId: 'full', id: task.id, name: 'last' })).created, false);
    assert.equal((await store.readTasksOfRun('full')).length, TASKS_OF_RUN_MAX);
    assert.equal((await make({ name: 'of another run' })).created, true);
  });

  test('goes from pending over running to a final status, which stays', async () => {
    const { store } = context;
    await store.createTask({ runId: 'run', name: 'life', status: 'pending', id: 'life' });
    const refused = (toStatus: 'completed' | 'running' | 'failed') =>
      assert.rejects(
        store.patchTask('life', { toStatus }),
        (error) => isStratalError(error) && error.code === 'STRATAL_STATUS_CONFLICT',
      );
    await refused('completed');
    assert.equal((await store.patchTask('life', { toStatus: 'running' })).status, 'running');
    const done = await store.patchTask('life', { toStatus: 'failed', exitCode: 2 });
    assert.deepEqual([done.status, done.exit_code], ['failed', 2]);
    assert.equal((await store.patchTask('life', { toStatus: 'failed' })).status, 'failed');
    await refused('completed');
    await refused('running');
  });

  test('gives tasks in the order in which they were made, in pages and all at once', async () => {
    const { store } = context;
    for (let n = 0; n < 7; n++) await make({ runId: 'other', name: `page ${n}` });
    const names: string[] = [];
    let after: string | undefined;
    do {
      const page = await store.listTasks({ runId: 'other', limit: 3, after });
      names.push(...page.tasks.map((task) => task.task_name));
      after = page.next ?? undefined;
    } while (after !== undefined);
    assert.deepEqual(
      names,
      Array.from({ length: 7 }, (_, n) => `page ${n}`),
    );
    assert.deepEqual(
      (await store.readTasksOfRun('other')).map((task) => task.task_name),
      names,
    );
    assert.deepEqual(await store.readTasksOfRun('nowhere'), []);
  });
});
