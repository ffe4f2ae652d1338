import { fetchRunDetails, fetchTasks } from '@/components/log-viewer/run-details';
import type { LogStreamingService } from '@/lib/client/log-streamer';
import type { FilterParameters } from '@/lib/protocol/filter';
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
  const { run, tasks } = await fetchRunDetails(service, jobRunId, signal);
  return lineOf(service, jobRunId, firstErrorQuery(run, tasks), signal);
}

/** The first error of a run that has failed by now; undefined of all others. */
export async function firstErrorOfFailed(
  service: LogStreamingService,
  jobRunId: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const run = await service.fetchRun(jobRunId, { signal });
  if (run.status !== 'failed') return undefined;
  const query = firstErrorQuery(run, await fetchTasks(service, jobRunId, signal));
  return query && lineOf(service, jobRunId, query, signal);
}

async function lineOf(
  service: LogStreamingService,
  jobRunId: string,
  query: FilterParameters | undefined,
  signal?: AbortSignal,
): Promise<number | undefined> {
  if (query?.task_run_id !== undefined) {
    const { logs } = await service.fetchHistory(jobRunId, { ...query, limit: 1 }, signal && { signal });
    if (logs[0]) return logs[0].id;
  }
  return lineOfLevel(service, jobRunId, 'error', { from: 0, direction: 1 }, {}, signal);
}
