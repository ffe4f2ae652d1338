import type { Facets } from '@/lib/protocol/api';
import type { TaskRun } from '@/lib/protocol/run';

/** A task run to filter by. */
export interface TaskOption {
  id: string;
  name: string;
  attempt: number;
  /** Its lines in the whole run, where they were counted. */
  count: number | undefined;
}

export interface AttemptOption {
  attempt: number;
  count: number | undefined;
}

/** The task runs that are known, from the page or because they have lines, those of the page first. */
export function taskOptions(tasks: readonly TaskRun[], facets: Facets | undefined): TaskOption[] {
  const counts = new Map(facets?.task.map((task) => [task.task_run_id, task.count]));
  const options = tasks.map(({ id, task_name, attempt }) => ({
    id,
    name: task_name,
    attempt,
    count: facets && (counts.get(id) ?? 0),
  }));
  const known = new Set(options.map(({ id }) => id));
  for (const { task_run_id, task_name, attempt, count } of facets?.task ?? []) {
    if (!known.has(task_run_id)) options.push({ id: task_run_id, name: task_name, attempt, count });
  }
  return options;
}

/** The attempts of those task runs, ascending, with the lines of all their tasks. */
export function attemptOptions(tasks: readonly TaskOption[]): AttemptOption[] {
  const counts = new Map<number, number | undefined>();
  for (const { attempt, count } of tasks) {
    const before = counts.get(attempt);
    counts.set(attempt, count === undefined ? before : (before ?? 0) + count);
  }
  return [...counts].map(([attempt, count]) => ({ attempt, count })).sort((a, b) => a.attempt - b.attempt);
}

/** The list with the value added, or taken out where it was in. */
export function toggled<Value>(list: readonly Value[], value: Value): Value[] {
  return list.includes(value) ? list.filter((member) => member !== value) : [...list, value];
}
