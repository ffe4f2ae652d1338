import type { TaskRun } from '@/lib/protocol/run';

/** The task runs that a later attempt of the same task took the place of, by their ids; without those `chosen` to be read. */
export function supersededAttempts(
  tasks: readonly TaskRun[],
  chosen: ReadonlySet<string>,
): ReadonlyMap<string, TaskRun> {
  const newest = new Map<string, number>();
  for (const { task_name, attempt } of tasks) newest.set(task_name, Math.max(attempt, newest.get(task_name) ?? 0));
  const old = tasks.filter(({ id, task_name, attempt }) => !chosen.has(id) && attempt < (newest.get(task_name) ?? 0));
  return new Map(old.map((task) => [task.id, task]));
}
