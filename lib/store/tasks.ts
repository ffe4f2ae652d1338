import { and, asc, desc, eq, gt, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { jobRuns, taskRuns } from '@/drizzle/schema';
import { StratalError } from '@/lib/errors/stratal-error';
import { TASKS_OF_RUN_MAX } from '@/lib/protocol/limits';
import { isFinal, type Status, statusSchema, type TaskRun } from '@/lib/protocol/run';
import { formatTimestamp } from '@/lib/protocol/timestamp';
import type { Database } from './database';
import type { TaskRef } from './line-batch';
import { guard, resolveRun } from './runs';
import type { FinishInput, RunRef } from './store';

type Orm = Database['orm'];
type TaskRow = typeof taskRuns.$inferSelect;

export interface CreateTask {
  id?: string | undefined;
  runId: string;
  name: string;
  /** Absent: the next one of that name. */
  attempt?: number | undefined;
  status: 'pending' | 'running';
  startedAtUs?: number | undefined;
}

const now = sql<number>`stratal_now()`;

/** Requests that take the next attempt at the same time; each round gives it to one of them. */
const NEXT_ATTEMPT_TRIES_MAX = 1000;

/**
 * Makes a task run; the same id with the same run and name again answers the one there is. Another run or name under that id, or an
 * attempt that exists under another id: STRATAL_TASK_CONFLICT. An unknown run: STRATAL_NO_RUN; one that has all it may have:
 * STRATAL_TOO_MANY_TASKS.
 */
export async function createTask(orm: Orm, input: CreateTask): Promise<{ task: TaskRun; created: boolean }> {
  const run = await resolveRun(orm, input.runId);
  if (!run) throw new StratalError('STRATAL_NO_RUN', `There is no job run ${input.runId}; make it first.`);
  if (input.id !== undefined) {
    const known = await findTask(orm, input.id);
    if (known) return { task: sameTask(known, run, input), created: false };
  }
  await requireRoom(orm, run);
  const attempt =
    input.attempt ??
    sql<number>`(select coalesce(max(attempt), 0) + 1 from task_runs where run_key = ${run.key} and task_name = ${input.name})`;
  const startedAt = input.startedAtUs ?? (input.status === 'running' ? now : null);
  const values = {
    id: input.id ?? uuidv7(),
    runKey: run.key,
    taskName: input.name,
    attempt,
    status: input.status,
    createdAt: now,
    startedAt,
  };
  for (let tries = 0; tries < NEXT_ATTEMPT_TRIES_MAX; tries++) {
    const [made] = await guard(() => orm.insert(taskRuns).values(values).onConflictDoNothing().returning());
    if (made) return { task: toTask(made, run.id), created: true };
    const known = await findTask(orm, values.id);
    if (known) return { task: sameTask(known, run, input), created: false };
    if (input.attempt !== undefined) break;
  }
  throw new StratalError(
    'STRATAL_TASK_CONFLICT',
    input.attempt === undefined
      ? `Too many requests took the next attempt of task ${input.name} at the same time; try again.`
      : `Attempt ${input.attempt} of task ${input.name} exists already; leave attempt out to take the next one.`,
  );
}

/** Asked before a task is made alone: a run that is nearly full costs it a millisecond or two. Requests at one moment can pass it together. */
async function requireRoom(orm: Orm, run: RunRef): Promise<void> {
  const last = await guard(() =>
    orm
      .select({ one: sql`1` })
      .from(taskRuns)
      .where(eq(taskRuns.runKey, run.key))
      .limit(1)
      .offset(TASKS_OF_RUN_MAX - 1),
  );
  if (last.length === 0) return;
  throw new StratalError(
    'STRATAL_TOO_MANY_TASKS',
    `Job run ${run.id} has ${TASKS_OF_RUN_MAX} task runs, and can have no more: name a task for a part of the work, not for each item of it.`,
  );
}

/** The task that a line names by id or name, made (running) where unknown. A task of another run is refused. */
export async function resolveTask(
  orm: Orm,
  run: RunRef,
  task: { id?: string | undefined; name?: string | undefined },
): Promise<TaskRef> {
  const find = async () => {
    const by =
      task.id === undefined
        ? and(eq(taskRuns.runKey, run.key), eq(taskRuns.taskName, task.name ?? ''))
        : eq(taskRuns.id, task.id);
    const [row] = await guard(() => orm.select().from(taskRuns).where(by).orderBy(desc(taskRuns.attempt)).limit(1));
    if (row && row.runKey !== run.key) {
      throw new StratalError('STRATAL_BAD_PARAMETER', `task_run_id: ${row.id} belongs to another job run.`, {
        members: { field: 'task_run_id' },
      });
    }
    return row && { key: row.key, id: row.id, name: row.taskName, attempt: row.attempt };
  };
  const known = await find();
  if (known) return known;
  try {
    await createTask(orm, {
      id: task.id,
      runId: run.id,
      name: task.name ?? task.id ?? '',
      status: 'running',
      attempt: task.id === undefined ? 1 : undefined,
    });
  } catch (error) {
    // Another node made the first attempt meanwhile: take that one.
    if (!(error instanceof StratalError && error.code === 'STRATAL_TASK_CONFLICT')) throw error;
  }
  const made = await find();
  if (!made) throw new StratalError('STRATAL_NO_TASK', 'The task run was deleted meanwhile; send the batch again.');
  return made;
}

/** Changes a task's status: pending → running → final only, the same final status again is fine. */
export async function patchTask(
  orm: Orm,
  id: string,
  change: Partial<FinishInput> & { toStatus?: Status | undefined },
): Promise<TaskRun> {
  const known = await findTask(orm, id);
  if (!known) throw new StratalError('STRATAL_NO_TASK', `There is no task run ${id}.`);
  const { toStatus } = change;
  const from = statusSchema.parse(known.task.status);
  if (toStatus === undefined || toStatus === from) return toTask(known.task, known.runId);
  const allowed = (from === 'pending' && toStatus === 'running') || (from === 'running' && isFinal(toStatus));
  if (!allowed) {
    throw new StratalError('STRATAL_STATUS_CONFLICT', `A ${from} task run cannot become ${toStatus}.`, {
      members: { current: from },
    });
  }
  const set = isFinal(toStatus)
    ? {
        status: toStatus,
        finishedAt: change.finishedAtUs ?? now,
        exitCode: change.exitCode ?? null,
        signal: change.signal ?? null,
      }
    : { status: toStatus, startedAt: sql`coalesce(${taskRuns.startedAt}, stratal_now())` };
  const [row] = await guard(() =>
    orm
      .update(taskRuns)
      .set(set)
      .where(and(eq(taskRuns.id, id), eq(taskRuns.status, from)))
      .returning(),
  );
  // Another request changed it in between: judge by what it is now.
  return row ? toTask(row, known.runId) : patchTask(orm, id, change);
}

export async function readTask(orm: Orm, id: string): Promise<TaskRun | undefined> {
  const known = await findTask(orm, id);
  return known && toTask(known.task, known.runId);
}

/** Task runs by the order in which they were made. */
export async function listTasks(
  orm: Orm,
  query: { runId?: string | undefined; limit: number; after?: string | undefined },
): Promise<{ tasks: TaskRun[]; next: string | null }> {
  const after = query.after === undefined ? 0 : parseTaskCursor(query.after);
  const rows = await guard(() =>
    orm
      .select({ task: taskRuns, runId: jobRuns.id })
      .from(taskRuns)
      .innerJoin(jobRuns, eq(jobRuns.key, taskRuns.runKey))
      .where(and(query.runId === undefined ? undefined : eq(jobRuns.id, query.runId), gt(taskRuns.key, after)))
      .orderBy(asc(taskRuns.key))
      .limit(query.limit + 1),
  );
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    tasks: page.map(({ task, runId }) => toTask(task, runId)),
    next: rows.length > query.limit && last ? String(last.task.key) : null,
  };
}

/** All task runs of a run, by the order in which they were made. */
export async function readTasksOfRun(orm: Orm, runId: string): Promise<TaskRun[]> {
  const rows = await guard(() =>
    orm
      .select({ task: taskRuns })
      .from(taskRuns)
      .innerJoin(jobRuns, eq(jobRuns.key, taskRuns.runKey))
      .where(eq(jobRuns.id, runId))
      .orderBy(asc(taskRuns.key)),
  );
  return rows.map(({ task }) => toTask(task, runId));
}

async function findTask(orm: Orm, id: string): Promise<{ task: TaskRow; runId: string } | undefined> {
  const [row] = await guard(() =>
    orm
      .select({ task: taskRuns, runId: jobRuns.id })
      .from(taskRuns)
      .innerJoin(jobRuns, eq(jobRuns.key, taskRuns.runKey))
      .where(eq(taskRuns.id, id)),
  );
  return row;
}

function sameTask(known: { task: TaskRow; runId: string }, run: RunRef, input: CreateTask): TaskRun {
  const same =
    known.task.runKey === run.key &&
    known.task.taskName === input.name &&
    (input.attempt ?? known.task.attempt) === known.task.attempt;
  if (same) return toTask(known.task, known.runId);
  throw new StratalError(
    'STRATAL_TASK_CONFLICT',
    `Task run ${known.task.id} exists already with another run, name or attempt; choose another id.`,
  );
}

function parseTaskCursor(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new StratalError('STRATAL_BAD_CURSOR', 'after: is not a cursor of this list; take `next` of the page before.', {
    members: { field: 'after' },
  });
}

function toTask(row: TaskRow, runId: string): TaskRun {
  const { infoCount: info, errorCount: error, warnCount: warn, debugCount: debug } = row;
  return {
    id: row.id,
    job_run_id: runId,
    task_name: row.taskName,
    attempt: row.attempt,
    status: statusSchema.parse(row.status),
    ...(row.startedAt !== null && { started_at: formatTimestamp(row.startedAt) }),
    ...(row.finishedAt !== null && { finished_at: formatTimestamp(row.finishedAt) }),
    ...(row.exitCode !== null && { exit_code: row.exitCode }),
    ...(row.signal !== null && { signal: row.signal }),
    line_count: info + error + warn + debug,
    level_counts: { info, error, warn, debug },
  };
}
