import { v7 as uuidv7 } from 'uuid';
import type { Operation } from '@/lib/logger/record';
import type { Metadata } from '@/lib/protocol/run';
import { formatTimestamp } from '@/lib/protocol/timestamp';
import type { CommandExit } from './command-process';
import type { RunRequest } from './run-request';

const HEARTBEAT_SECONDS = 15;

/** The requests around a command's lines. */
export interface RunPlan {
  jobRunId: string;
  taskRunId?: string | undefined;
  /** Absent where another process owns the run. */
  heartbeatMs?: number | undefined;
  /** What comes before the first line. */
  setup(metadata: Metadata): Operation[];
  /** What comes after the last line. */
  finish(exit: CommandExit, details: { timeUs: number; droppedLines: number }): Operation[];
}

/** A new run, with a task where one is named, or a task of an existing run, which is then not finished. */
export function planRun(request: RunRequest, startedUs: number, triggeredBy: string | undefined): RunPlan {
  const jobRunId = request.jobRun ?? request.id ?? uuidv7();
  const taskRunId = request.task === undefined ? undefined : uuidv7();
  const started_at = formatTimestamp(startedUs);
  const ownsRun = request.jobRun === undefined;
  return {
    jobRunId,
    taskRunId,
    heartbeatMs: ownsRun ? HEARTBEAT_SECONDS * 1000 : undefined,
    setup(metadata) {
      const run: Metadata = {
        id: jobRunId,
        job_name: request.name,
        started_at,
        metadata,
        heartbeat_seconds: HEARTBEAT_SECONDS,
      };
      if (triggeredBy !== undefined) run.triggered_by = triggeredBy;
      const operations: Operation[] = ownsRun ? [{ method: 'POST', path: '/job-runs', body: run }] : [];
      if (taskRunId === undefined || request.task === undefined) return operations;
      const task = { id: taskRunId, job_run_id: jobRunId, task_name: request.task, started_at };
      return [...operations, { method: 'POST', path: '/task-runs', body: task }];
    },
    finish(exit, { timeUs, droppedLines }) {
      const body: Metadata = { ...outcomeOf(exit), finished_at: formatTimestamp(timeUs) };
      const operations: Operation[] = [];
      if (taskRunId !== undefined) operations.push({ method: 'PATCH', path: `/task-runs/${taskRunId}`, body });
      if (!ownsRun) return operations;
      const last: Metadata = { ...body };
      if (droppedLines > 0) last.metadata = { dropped_lines: droppedLines };
      operations.push({ method: 'PATCH', path: `/job-runs/${jobRunId}`, body: last });
      return operations;
    },
  };
}

function outcomeOf(exit: CommandExit): Metadata {
  if (exit.kind === 'signal') return { status: 'failed', signal: exit.signal };
  return { status: exit.kind === 'code' && exit.code === 0 ? 'completed' : 'failed', exit_code: exit.code };
}
