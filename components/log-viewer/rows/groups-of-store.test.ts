import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { LineInput, TaskRef } from '@/lib/store/line-batch';
import { mergeRun } from '@/lib/store/merge';
import type { OpenStore } from '@/lib/store/open-store';
import type { RunRef } from '@/lib/store/store';
import { makeLine } from '@/lib/store/testing/make-lines';
import { appendLines, makeRun, openTestStore, type TestStore } from '@/lib/store/testing/test-store';
import { markerText } from '@/lib/terminal/testing/marker-text';
import { groupsSeen } from './testing/groups-seen';

/** The server counts by marks and sums, the viewer by lines: both have to tell the same groups. */

const GOES_ON = new AbortController().signal;
const START_US = 1_700_000_000_000_000;

async function allLines(store: OpenStore, run: RunRef): Promise<LogMessage[]> {
  const found: LogMessage[] = [];
  const start = (await store.runHeadByKey(run.key))?.firstLine ?? 1;
  for (let line = start; ; ) {
    const batch = await store.readBatch(run, line);
    if (!batch) return found;
    for (let index = 0; index < batch.count; index++) found.push(batch.toLogMessage(index));
    line = batch.lastLine + 1;
  }
}

async function compare(store: OpenStore, run: RunRef, at: number): Promise<void> {
  const lines = await allLines(store, run);
  const { groups, through } = await store.groupsAt(run, at, GOES_ON);
  assert.ok(groups);
  assert.deepEqual(
    groups.map(({ last_at: _, ...group }) => group),
    groupsSeen(lines, at).groups.map(({ last_at: _, ...group }) => group),
  );
  assert.equal(through, (await store.runHeadByKey(run.key))?.lastLine);
  for (const { line, end, last_at } of groups) {
    const own = lines.filter(({ id, task_run_id: task }) => task === line.task_run_id && id >= line.id);
    const last = end === undefined ? own.at(-1) : lines.find(({ id }) => id === end);
    assert.equal(last_at, last?.timestamp);
  }
}

describe('the groups that the store tells', () => {
  let context: TestStore;
  before(async () => {
    context = await openTestStore();
  });
  after(() => context.close());

  test('are those that a pass over all lines finds, whatever was merged and removed', async () => {
    const { store } = context;
    let runs = 0;
    const shape = fc.record({
      message: fc.oneof({ weight: 1, arbitrary: markerText }, { weight: 2, arbitrary: fc.constantFrom('x', 'y') }),
      task: fc.nat(2),
      level: fc.constantFrom('info' as const, 'error' as const, 'warn' as const),
      stream: fc.constantFrom('stdout' as const, 'stderr' as const),
    });
    const batches = fc.array(fc.array(shape, { minLength: 1, maxLength: 25 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        batches,
        fc.array(fc.nat(220), { minLength: 4, maxLength: 4 }),
        fc.nat(120),
        async (parts, places, cut) => {
          const run = await makeRun(store, `random-${runs++}`);
          const tasks = [
            undefined,
            await store.resolveTask(run, { name: 'a' }),
            await store.resolveTask(run, { name: 'b' }),
          ];
          let at = 0;
          for (const [index, part] of parts.entries()) {
            await appendLines(
              store,
              run,
              part.map((one) => toLine(one, tasks, at++)),
            );
            // What comes after stays in small chunks.
            if (index === 4) await mergeRun(store.database.sql, run.key, { isEnded: true });
          }
          for (const place of places) await compare(store, run, 1 + place);
          await store.truncateRun(run.key, cut, 100);
          for (const place of places) await compare(store, run, 1 + place);
        },
      ),
      { numRuns: 40 },
    );
  });
});

function toLine(
  {
    message,
    task,
    level,
    stream,
  }: { message: string; task: number; level: LineInput['level']; stream: LineInput['stream'] },
  tasks: ReadonlyArray<TaskRef | undefined>,
  at: number,
): LineInput {
  const ref = tasks[task];
  return makeLine(message, { level, stream, timeUs: START_US + at * 1000, ...(ref && { task: ref }) });
}
