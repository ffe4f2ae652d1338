import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@/lib/feed/testing/manual-clock';
import type { Run } from '@/lib/protocol/run';
import { RunWatch } from './run-watch';
import { untilTrue, useTestServers } from './testing/test-fixture';

const { start, newRunId } = useTestServers();

test('tells a change whose first read failed, though the run never changes again', async () => {
  const clock = new ManualClock();
  const { store, feed, writer } = await start({ clock });
  const errors: unknown[] = [];
  let fails = true;
  const failing = {
    ...store,
    readRunsByKey: (...request: Parameters<typeof store.readRunsByKey>) => {
      if (fails) throw new Error('down');
      return store.readRunsByKey(...request);
    },
  };
  const watch = new RunWatch(feed, failing, (error) => errors.push(error));
  const told: string[] = [];
  const stop = watch.watchList({ jobs: 'all', limit: 50 }, (runs) =>
    told.push(...runs.map((run) => `${run.id} ${run.status}`)),
  );
  const run = await writer.createRun(newRunId());
  await writer.finish(run, { status: 'completed' });
  await untilTrue(() => errors.length > 0);
  assert.equal(told.length, 0);
  fails = false;
  await untilTrue(() => {
    clock.advance(250);
    return told.includes(`${run.id} completed`);
  });
  stop();
});

test('tells a list of all changed runs, and of the metadata what is small', async () => {
  const clock = new ManualClock();
  const { store, feed, writer } = await start({ clock });
  const runs: Array<{ id: string; key: number }> = [];
  const blobOf = (index: number) => 'x'.repeat(index % 2 === 0 ? 900_000 : 16_000);
  for (let index = 0; index < 12; index++) {
    const run = await writer.createRun(newRunId());
    await store.updateRun(run.id, { metadata: { blob: blobOf(index) } });
    runs.push(run);
  }
  const told = new Map<string, Run>();
  const watch = new RunWatch(feed, store, (error) => assert.fail(String(error)));
  const stop = watch.watchList({ jobs: 'all', limit: 50 }, (changed) => {
    for (const run of changed) told.set(run.id, run);
  });
  feed.runsChanged(runs.map(({ key }) => key));
  await untilTrue(() => {
    clock.advance(250);
    return runs.every(({ id }) => told.has(id));
  });
  assert.deepEqual(
    runs.map(({ id }) => told.get(id)?.metadata),
    runs.map((_, index) => (index % 2 === 0 ? undefined : { blob: blobOf(index) })),
  );
  stop();
});

test('tells who watches a run of all of its metadata', async () => {
  const clock = new ManualClock();
  const { store, feed, writer } = await start({ clock });
  const { id } = await writer.createRun(newRunId());
  const metadata = { blob: 'x'.repeat(900_000) };
  await store.updateRun(id, { metadata });
  const told: Run[] = [];
  const watch = new RunWatch(feed, store, (error) => assert.fail(String(error)));
  const stop = await watch.watchRun(id, (run) => told.push(run));
  await untilTrue(() => {
    clock.advance(250);
    return told.length > 0;
  });
  assert.deepEqual(told[0]?.metadata, metadata);
  stop?.();
});
