import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Group } from '@/components/log-viewer/rows/group';
import { findGroups } from '@/components/log-viewer/rows/group-pass';
import type { GroupAtLine } from '@/lib/protocol/api';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { LineInput, TaskRef } from '@/lib/store/line-batch';
import { mergeRun } from '@/lib/store/merge';
import type { OpenStore } from '@/lib/store/open-store';
import type { RunRef } from '@/lib/store/store';
import { makeLine } from '@/lib/store/testing/make-lines';
import { markerText } from '@/lib/store/testing/marker-text';
import { appendLines, makeRun, openTestStore, type TestStore } from '@/lib/store/testing/test-store';

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

/** What the viewer would say of the groups at a line if it held all lines; outermost first. */
function seenAt(lines: readonly LogMessage[], at: number): Array<Omit<GroupAtLine, 'last_at'>> {
  const isAt = ({ id, endId }: Group) => id < at && (endId ?? Number.POSITIVE_INFINITY) >= at;
  const whole = findGroups(lines, [], () => false).groups.filter(isAt);
  const above = new Map(
    findGroups(
      lines.filter(({ id }) => id < at),
      [],
      () => false,
    ).groups.map((group) => [group.id, group]),
  );
  return whole.map((group) => {
    const { lines: count = 0, errors = 0, warnings = 0 } = above.get(group.id) ?? {};
    return {
      line: group.line,
      ...(group.endId !== undefined && { end: group.endId }),
      lines: group.lines,
      errors: group.errors,
      warnings: group.warnings,
      before: { lines: count, errors, warnings },
    };
  });
}

async function compare(store: OpenStore, run: RunRef, at: number): Promise<void> {
  const lines = await allLines(store, run);
  const { groups, through } = await store.groupsAt(run, at);
  assert.ok(groups);
  assert.deepEqual(
    groups.map(({ last_at: _, ...group }) => group),
    seenAt(lines, at),
  );
  assert.equal(through, (await store.runHeadByKey(run.key))?.lastLine);
  for (const { line, end, last_at } of groups) {
    const own = lines.filter(({ id, task_run_id: task }) => task === line.task_run_id && id >= line.id);
    const last = end === undefined ? own.at(-1) : lines.find(({ id }) => id === end);
    assert.equal(last_at, last?.timestamp);
  }
}

describe('groupsAt', () => {
  let context: TestStore;
  before(async () => {
    context = await openTestStore();
  });
  after(() => context.close());

  test('tells the groups that a pass over all lines finds, whatever was merged and removed', async () => {
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

  test('a run that grows: what was open is told with its end and with more lines', async () => {
    const { store } = context;
    const run = await makeRun(store, 'grows');
    assert.deepEqual(await store.groupsAt(run, 1), { groups: [], through: 0 });
    await appendLines(store, run, [makeLine('--- Build'), makeLine('one')]);
    await compare(store, run, 2);
    await appendLines(store, run, [makeLine('two', { level: 'error' }), makeLine('--- Test'), makeLine('three')]);
    const { groups } = await store.groupsAt(run, 2);
    assert.deepEqual(
      groups?.map(({ line, end, lines, errors }) => [line.message, end, lines, errors]),
      [['--- Build', 4, 2, 1]],
    );
    await compare(store, run, 4);
    await compare(store, run, 5);
    await compare(store, run, 1000);
  });

  test('is right while the run is written and merged', async () => {
    const { store } = context;
    const other = await context.openAnother();
    const run = await makeRun(store, 'contended');
    await appendLines(store, run, [makeLine('::group::All'), makeLine('x')]);
    let isWriting = true;
    const write = async () => {
      for (let n = 0; n < 150; n++) {
        await appendLines(other, run, [makeLine('--- step'), makeLine('y', { level: n % 2 === 0 ? 'warn' : 'info' })]);
        if (n % 20 === 19) await mergeRun(other.database.sql, run.key, { isEnded: true });
      }
      isWriting = false;
    };
    const read = async () => {
      while (isWriting) {
        const { groups, through } = await store.groupsAt(run, 3);
        // Two lines at the start, then a marker and a line by turns.
        const steps = (through - 2) / 2;
        assert.equal(groups?.[0]?.lines, 1 + steps);
        assert.equal(groups?.[0]?.warnings, Math.ceil(steps / 2));
        assert.deepEqual(groups?.[0]?.before, { lines: 1, errors: 0, warnings: 0 });
      }
    };
    await Promise.all([write(), read(), read()]);
    await compare(store, run, 100);
  });

  test('of many groups the innermost are told', async () => {
    const { store } = context;
    const run = await makeRun(store, 'many');
    const lines: LineInput[] = [];
    for (let n = 0; n < 5; n++) {
      const task = await store.resolveTask(run, { name: `t${n}` });
      for (let depth = 0; depth < 70; depth++) lines.push(makeLine('::group::x', { task }));
    }
    await appendLines(store, run, lines);
    const { groups } = await store.groupsAt(run, 1000);
    assert.equal(groups?.length, 128);
    // Deeper than 64 a marker is a line of the innermost group.
    assert.equal(groups.at(-1)?.line.id, 4 * 70 + 64);
    assert.equal(groups.at(-1)?.lines, 6);
  });

  test('a run that is not there is told so', async () => {
    await assert.rejects(context.store.groupsAt({ key: 4711, id: 'nobody' }, 1), /no job run nobody/);
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
