import { supersededAttempts } from '@/components/log-viewer/rows/superseded';
import type { FilterParameters } from '@/lib/protocol/filter';
import type { Run, TaskRun } from '@/lib/protocol/run';

const NONE_CHOSEN: ReadonlySet<string> = new Set();

/**
 * What to ask for the first error line of a failed run; undefined where the run has not failed or has no such line. How
 * processes ended comes first: of the tasks that failed for good, the one that failed first, where it wrote errors. Then the
 * level alone counts, but not in attempts that were tried again: what they met was overcome. It names a line by these two
 * facts, and claims nothing of causes.
 */
export function firstErrorQuery(run: Run, tasks: readonly TaskRun[]): FilterParameters | undefined {
  if (run.status !== 'failed' || run.level_counts.error === 0) return undefined;
  const superseded = supersededAttempts(tasks, NONE_CHOSEN);
  const withErrors = tasks.filter((task) => task.level_counts.error > 0);
  const telling = withErrors.filter((task) => !superseded.has(task.id));
  const [failed] = telling.filter((task) => task.status === 'failed').toSorted((a, b) => endOf(a) - endOf(b));
  const isRetried = telling.length < withErrors.length;
  if (isRetried && telling.length === 0) return undefined;
  const asked = failed ? [failed] : isRetried ? telling : [];
  const ids = asked.map((task) => task.id).join(',');
  // The server's own line about the end of the run is of this level too, and is no news here.
  return { level: 'error', stream: 'stdout,stderr', ...(ids !== '' && { task_run_id: ids }) };
}

/** Epoch milliseconds; a task that failed at a time nobody knows comes after the others. */
function endOf({ finished_at }: TaskRun): number {
  return finished_at === undefined ? Number.MAX_VALUE : Date.parse(finished_at);
}
