import type { TaskRun } from '@/lib/protocol/run';

/** The task runs that a later attempt of the same task took the place of, by their ids. */
export function supersededAttempts(tasks: readonly TaskRun[]): ReadonlyMap<string, TaskRun> {
  const newest = new Map<string, number>();
  for (const { task_name, attempt } of tasks) newest.set(task_name, Math.max(attempt, newest.get(task_name) ?? 0));
  return new Map(
    tasks.filter((task) => task.attempt < (newest.get(task.task_name) ?? 0)).map((task) => [task.id, task]),
  );
}
