import type { LogStreamingService } from '@/lib/client/log-streamer';
import { TASKS_OF_RUN_MAX } from '@/lib/protocol/limits';
import type { Run, TaskRun } from '@/lib/protocol/run';

/** A run with its tasks. */
export interface RunDetails {
  run: Run;
  tasks: readonly TaskRun[];
}

const TASKS_PAGE = 200;

/** The run as it is now, with all its tasks. */
export async function fetchRunDetails(
  service: LogStreamingService,
  jobRunId: string,
  signal?: AbortSignal,
): Promise<RunDetails> {
  const [run, tasks] = await Promise.all([
    service.fetchRun(jobRunId, signal && { signal }),
    fetchTasks(service, jobRunId, signal),
  ]);
  return { run, tasks };
}

/** All its tasks, the first ones of a run that has more than any run should. */
export async function fetchTasks(
  service: LogStreamingService,
  jobRunId: string,
  signal?: AbortSignal,
): Promise<TaskRun[]> {
  const tasks: TaskRun[] = [];
  let after: string | undefined;
  do {
    const page = await service.fetchTasks(jobRunId, { limit: TASKS_PAGE, after, ...(signal && { signal }) });
    tasks.push(...page.task_runs);
    after = page.next ?? undefined;
  } while (after !== undefined && tasks.length < TASKS_OF_RUN_MAX);
  return tasks;
}
