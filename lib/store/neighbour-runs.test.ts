import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sql } from 'drizzle-orm';
import type { CreateRunOp } from './store';
import { committed, openTestStore, type TestStore } from './testing/test-store';

const START_US = 1_700_000_000_000_000;

describe('the runs of a job before and after one', () => {
  let context: TestStore;
  before(async () => {
    context = await openTestStore();
  });
  after(() => context.close());

  async function create(id: string, jobName: string, fields: Partial<CreateRunOp> = {}): Promise<void> {
    const op: CreateRunOp = { kind: 'create', id, jobName, status: 'running', ...fields };
    committed(await context.store.append([op], []));
  }

  async function around(id: string): Promise<[string | undefined, string | undefined]> {
    const { previous, next } = await context.store.neighbourRuns(id);
    return [previous?.id, next?.id];
  }

  test('are found by their start, whatever the order in which they were made', async () => {
    await create('deploy-b', 'deploy', { startedAtUs: START_US + 2000 });
    await create('deploy-c', 'deploy', { startedAtUs: START_US + 3000 });
    await create('other', 'deploy-other', { startedAtUs: START_US + 1500 });
    await create('deploy-a', 'deploy', { startedAtUs: START_US + 1000 });
    assert.deepEqual(await around('deploy-a'), [undefined, 'deploy-b']);
    assert.deepEqual(await around('deploy-b'), ['deploy-a', 'deploy-c']);
    assert.deepEqual(await around('deploy-c'), ['deploy-b', undefined]);
    assert.deepEqual(await around('other'), [undefined, undefined]);
    assert.deepEqual(await around('nobody'), [undefined, undefined]);
  });

  test('of one moment follow each other in the order in which they were made', async () => {
    for (const id of ['same-1', 'same-2', 'same-3']) await create(id, 'same', { startedAtUs: START_US });
    assert.deepEqual(await around('same-2'), ['same-1', 'same-3']);
  });

  test('carry what a link says of them; one that waits has no start yet', async () => {
    await create('waits-1', 'waits', { startedAtUs: START_US });
    await create('waits-2', 'waits', { status: 'pending' });
    assert.deepEqual((await context.store.neighbourRuns('waits-1')).next, { id: 'waits-2', status: 'pending' });
    assert.deepEqual((await context.store.neighbourRuns('waits-2')).previous, {
      id: 'waits-1',
      status: 'running',
      started_at: '2023-11-14T22:13:20.000Z',
    });
  });

  test('of a rare job are found by an index, however many runs other jobs have', async () => {
    const { orm } = context.store.database;
    await orm.execute(sql`
      insert into job_runs (id, job_name, status, created_at, started_at)
      select 'crowd-' || n, case when n % 1000 = 0 then 'rare' else 'crowd' end, 'completed', ${START_US}::bigint + n, ${START_US}::bigint + n
      from generate_series(1, 3000) as n
    `);
    await orm.execute(sql`analyze job_runs`);
    for (const [isBeyond, order] of [
      [sql`<`, sql`desc, key desc nulls last`],
      [sql`>`, sql`asc, key asc nulls first`],
    ]) {
      const plan = await orm.execute(sql`
        explain select id from job_runs
        where job_name = 'rare' and (coalesce(started_at, created_at), key) ${isBeyond} (${START_US}::bigint + 1500, 1::bigint)
        order by coalesce(started_at, created_at) ${order} limit 1
      `);
      const text = JSON.stringify([...plan]);
      assert.match(text, /job_runs_of_job/);
      assert.doesNotMatch(text, /Sort|Seq Scan|Filter/);
    }
  });
});
