import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginGroup, type Group } from './group';
import { AROUND_MAX, capAround } from './groups-around';
import { factsOf } from './line-facts';
import { RowModel } from './row-model';
import { drawn, inputOf, linesOf } from './testing/row-input';

/** `depth` groups inside each other of each task, task by task. */
function stacks(tasks: readonly string[], depth: number): Group[] {
  const parts = tasks.flatMap((task) =>
    Array.from({ length: depth }, () => ({ message: '::group::x', task_run_id: task })),
  );
  let outer: Group | undefined;
  return linesOf(parts).map((line) => {
    const { marker } = factsOf(line);
    assert.ok(marker);
    outer = beginGroup(line, marker, outer?.line.task_run_id === line.task_run_id ? outer : undefined);
    return outer;
  });
}

const TASKS = Array.from({ length: 100 }, (_, n) => `t${n}`);

test('as many groups as tasks have open at once are all kept', () => {
  const around = stacks(TASKS, 10);
  assert.equal(capAround(around, []), around);
});

test('of more groups those of tasks that are held are kept, then the newest, whole tasks in their order', () => {
  const around = stacks(TASKS, 20);
  const kept = capAround(around, linesOf([{ message: 'x', task_run_id: 't3' }], 10_000));
  assert.ok(kept.length <= AROUND_MAX && kept.length > AROUND_MAX - 20);
  const tasks = new Set(kept.map(({ line }) => line.task_run_id));
  assert.deepEqual([...tasks], ['t3', ...TASKS.slice(-50)]);
  for (const { parent } of kept) assert.ok(parent === undefined || kept.includes(parent));
  assert.deepEqual(
    kept.map(({ id }) => id),
    kept.map(({ id }) => id).sort((one, other) => one - other),
  );
});

test('groups that nothing ends cost no more after many of them, and those of tasks that go on are still known', () => {
  const model = new RowModel();
  const window = 2000;
  const step = 500;
  const honest = { message: 'in the group', task_run_id: 'honest' };
  const all = linesOf([
    { message: '::group::Honest', task_run_id: 'honest' },
    ...Array.from({ length: 42_000 }, (_, n) =>
      n % 100 === 99 ? honest : { message: '::group::x', level: 'error' as const, task_run_id: `t${n}` },
    ),
    honest,
  ]);
  let rows: string[] = [];
  for (let end = window; end < all.length + step; end += step) {
    const lines = all.slice(Math.max(0, Math.min(end, all.length) - window), end);
    const input = inputOf(lines, { isFollowing: true, isOver: false, wasOver: false, hasOlder: end > window });
    const list = model.update(input);
    assert.ok(list.items.length <= window + 2 * AROUND_MAX);
    rows = drawn(list);
  }
  assert.ok(rows.includes('v Honest: 421 lines, 0 errors, 0 warnings, 42001 s, running'), rows[0]);
  assert.equal(rows.at(-1), '  in the group');
});
