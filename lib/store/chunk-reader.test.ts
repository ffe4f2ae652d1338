import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeLine } from './testing/make-lines';
import { appendLines, makeRun, openTestStore, type TestStore } from './testing/test-store';

let context: TestStore;
before(async () => {
  context = await openTestStore();
});
after(() => context.close());

test('a read of cached lines lets others have their turn', async () => {
  const run = await makeRun(context.store, 'long');
  for (let n = 0; n < 8; n++) {
    await appendLines(
      context.store,
      run,
      Array.from({ length: 1000 }, (_, i) => makeLine(`${n}-${i}`)),
    );
  }
  const readAll = async () => {
    let batches = 0;
    for (let line = 1; line <= 8000; batches++) {
      const batch = await context.store.readBatch(run, line);
      assert.ok(batch);
      line = batch.lastLine + 1;
    }
    return batches;
  };
  const batches = await readAll();
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns += 1;
    if (!isOver) setImmediate(turn);
  };
  turn();
  assert.equal(await readAll(), batches);
  isOver = true;
  assert.ok(batches >= 8 && turns >= batches, `${turns} turns for ${batches} batches`);
});

test('readers at different lines of a chunk share one batch, and a cut begins at its line', async () => {
  const run = await makeRun(context.store, 'shared');
  await appendLines(
    context.store,
    run,
    Array.from({ length: 900 }, (_, i) => makeLine(`line ${i + 1}`)),
  );
  const shared = await context.store.sharedBatch(run, 300);
  assert.ok(shared);
  assert.equal(await context.store.sharedBatch(run, 700), shared);
  assert.equal(shared.message(300 - shared.firstLine), 'line 300');
  const cut = await context.store.readBatch(run, 300);
  assert.deepEqual([cut?.firstLine, cut?.message(0)], [300, 'line 300']);
});
