import type { Run, TaskRun } from '@/lib/protocol/run';
import { endedAt } from './ended-at';

/** The stretch of time that a run's bars are drawn on, in epoch milliseconds; `to` is after `from`. */
export interface TimeAxis {
  from: number;
  to: number;
}

/** Where a bar lies on the axis, in percent of its length. */
export interface Bar {
  left: number;
  width: number;
}

/** All attempts of one task, oldest first; the last one is what counts. */
export interface TaskGroup {
  name: string;
  attempts: readonly TaskRun[];
}

/** A bar is never narrower than this, so that a task of a moment can be seen. */
const BAR_PERCENT_MIN = 1;

/** Tasks by name, in the order in which each name first came. */
export function groupAttempts(tasks: readonly TaskRun[]): TaskGroup[] {
  const groups = new Map<string, TaskRun[]>();
  for (const task of tasks) {
    const group = groups.get(task.task_name);
    if (group) group.push(task);
    else groups.set(task.task_name, [task]);
  }
  return [...groups].map(([name, attempts]) => ({
    name,
    attempts: attempts.toSorted((a, b) => a.attempt - b.attempt),
  }));
}

/**
 * From the first known start to the last known end, of the run and its tasks together: tasks may begin before their run or
 * outlast it. What goes on reaches to `now`. Undefined where no start is known.
 */
export function timeAxis(run: Run, tasks: readonly TaskRun[], now: number | undefined): TimeAxis | undefined {
  const spans = [spanOf({ started_at: run.started_at, finished_at: endedAt(run) }, now)];
  for (const task of tasks) spans.push(spanOf(task, now));
  const known = spans.filter((span) => span !== undefined);
  if (known.length === 0) return undefined;
  const from = known.reduce((first, span) => Math.min(first, span.from), Number.POSITIVE_INFINITY);
  const to = known.reduce((last, span) => Math.max(last, span.to), from + 1);
  return { from, to };
}

/** The bar of one attempt; undefined where its start is not known, or where it still waits. */
export function barOf(task: TaskRun, axis: TimeAxis, now: number | undefined): Bar | undefined {
  const span = task.status === 'pending' ? undefined : spanOf(task, now);
  if (!span) return undefined;
  const percent = 100 / (axis.to - axis.from);
  const width = Math.min(100, Math.max(BAR_PERCENT_MIN, (span.to - span.from) * percent));
  return { left: Math.min(Math.max(0, (span.from - axis.from) * percent), 100 - width), width };
}

/** Without an end it goes on until `now`; where that is not known either it is a point. */
function spanOf(
  { started_at, finished_at }: Pick<TaskRun, 'started_at' | 'finished_at'>,
  now: number | undefined,
): TimeAxis | undefined {
  const from = started_at === undefined ? Number.NaN : Date.parse(started_at);
  const end = finished_at === undefined ? (now ?? from) : Date.parse(finished_at);
  if (Number.isNaN(from) || Number.isNaN(end)) return undefined;
  return { from, to: Math.max(from, end) };
}
