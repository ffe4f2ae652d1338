import type { FilterParameters } from '@/lib/protocol/filter';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { Run, TaskRun } from '@/lib/protocol/run';

/** Lines shown before and after the first error. */
const ERROR_CONTEXT_LINES = 3;

/** A failed run's first error line, with the lines around it. */
export interface FirstError {
  /** Its number. */
  line: number;
  /** Ascending, the error among them. */
  lines: readonly LogMessage[];
}

/**
 * What to ask for the first error line of a failed run; undefined where the run has not failed or has no such line. How
 * processes ended comes first: of the tasks that failed for good, the one that failed first, where it wrote errors. Then the
 * level alone counts. It names a line by these two facts, and claims nothing of causes.
 */
export function firstErrorQuery(run: Run, tasks: readonly TaskRun[]): FilterParameters | undefined {
  if (run.status !== 'failed' || run.level_counts.error === 0) return undefined;
  const newest = new Map<string, number>();
  for (const { task_name, attempt } of tasks) newest.set(task_name, Math.max(newest.get(task_name) ?? 0, attempt));
  const failed = tasks
    .filter((task) => task.status === 'failed' && task.level_counts.error > 0)
    .filter((task) => task.attempt === newest.get(task.task_name))
    .toSorted((a, b) => endOf(a) - endOf(b));
  const [task] = failed;
  // The server's own line about the end of the run is of this level too, and is no news here.
  return { level: 'error', stream: 'stdout,stderr', ...(task && { task_run_id: task.id }) };
}

/** Where the page of lines around a line begins: the number of the line before it. */
export function contextStart(line: number, firstLine: number): number {
  return Math.max(firstLine, line - ERROR_CONTEXT_LINES) - 1;
}

/** Lines of a page that begins after `contextStart`. */
export function contextLength(line: number, firstLine: number): number {
  return line - contextStart(line, firstLine) + ERROR_CONTEXT_LINES;
}

/** Epoch milliseconds; a task that failed at a time nobody knows comes after the others. */
function endOf({ finished_at }: TaskRun): number {
  return finished_at === undefined ? Number.MAX_VALUE : Date.parse(finished_at);
}
