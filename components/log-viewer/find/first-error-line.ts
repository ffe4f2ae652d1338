import { fetchRunDetails, fetchTasks, type RunDetails } from '@/components/log-viewer/run-details';
import type { LogStreamingService } from '@/lib/client/log-streamer';
import { firstErrorQuery } from './first-error-query';
import { lineOfLevel } from './line-of-level';

/**
 * The line that `#error` leads to, in the run as it is now: a failed run's first error, else its first line of level error;
 * undefined where it has none.
 */
export async function firstErrorLine(
  service: LogStreamingService,
  jobRunId: string,
  signal?: AbortSignal,
): Promise<number | undefined> {
  return lineOf(service, await fetchRunDetails(service, jobRunId, signal), signal);
}

/** The first error of a run that has failed by now; undefined of all others. */
export async function firstErrorOfFailed(
  service: LogStreamingService,
  jobRunId: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const run = await service.fetchRun(jobRunId, { signal });
  if (run.status !== 'failed') return undefined;
  const tasks = await fetchTasks(service, jobRunId, signal);
  return firstErrorQuery(run, tasks) && lineOf(service, { run, tasks }, signal);
}

async function lineOf(
  service: LogStreamingService,
  { run, tasks }: RunDetails,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const query = firstErrorQuery(run, tasks);
  if (query?.task_run_id !== undefined) {
    const { logs } = await service.fetchHistory(run.id, { ...query, limit: 1 }, signal && { signal });
    if (logs[0]) return logs[0].id;
  }
  return lineOfLevel(service, run.id, 'error', { from: 0, direction: 1 }, {}, signal);
}
