import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isStratalError } from '@/lib/errors/stratal-error';
import { createRunSchema, patchRunSchema } from '@/lib/protocol/api';
import { openTestStore, type TestStore } from '@/lib/store/testing/test-store';
import { AppendQueue } from './append-queue';
import { RunLife } from './run-life';

let context: TestStore;
let life: RunLife;
before(async () => {
  context = await openTestStore();
  const { store } = context;
  life = new RunLife({
    store,
    queue: new AppendQueue(store, () => {}),
    admit: async () => () => {},
    onChange: () => {},
  });
});
after(() => context.close());

test('a change whose metadata would grow a run over 1 MiB changes nothing', async () => {
  const { run } = await life.createRun(
    createRunSchema.parse({ job_name: 'large', metadata: { a: 'x'.repeat(700_000) } }),
  );
  const change = patchRunSchema.parse({ status: 'completed', metadata: { b: 'x'.repeat(700_000) } });
  await assert.rejects(
    life.patchRun(run.id, change),
    (error) => isStratalError(error) && error.code === 'STRATAL_TOO_LARGE',
  );
  assert.deepEqual(await context.store.readRun(run.id), run);
  const instead = patchRunSchema.parse({ status: 'completed', metadata: { a: 'x'.repeat(900_000) } });
  assert.equal((await life.patchRun(run.id, instead)).status, 'completed');
});
