import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@/lib/feed/testing/manual-clock';
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
    readRunsByKey: (keys: readonly number[]) => {
      if (fails) throw new Error('down');
      return store.readRunsByKey(keys);
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

test('tells all of many changed runs whose metadata is large, in pieces', async () => {
  const clock = new ManualClock();
  const { store, feed, writer } = await start({ clock });
  const ids: string[] = [];
  for (let run = 0; run < 12; run++) {
    const { id } = await writer.createRun(newRunId());
    await store.updateRun(id, { metadata: { blob: 'x'.repeat(900_000) } });
    ids.push(id);
  }
  const pieces: string[][] = [];
  const watch = new RunWatch(feed, store, (error) => assert.fail(String(error)));
  const stop = watch.watchList({ jobs: 'all', limit: 50 }, (runs) => pieces.push(runs.map((run) => run.id)));
  feed.runsChanged(await Promise.all(ids.map(async (id) => (await store.resolveRun(id))?.key ?? 0)));
  await untilTrue(() => {
    clock.advance(250);
    const told = new Set(pieces.flat());
    return ids.every((id) => told.has(id));
  });
  assert.ok(
    pieces.every((piece) => piece.length <= 4),
    'no piece has more than 4 MiB of metadata',
  );
  stop();
});
