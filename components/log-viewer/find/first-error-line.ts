import { fetchRunDetails, type RunDetails } from '@/components/log-viewer/run-details';
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
  known?: RunDetails,
): Promise<number | undefined> {
  const { run, tasks } = known ?? (await fetchRunDetails(service, jobRunId));
  const query = firstErrorQuery(run, tasks);
  if (query?.task_run_id !== undefined) {
    const { logs } = await service.fetchHistory(jobRunId, { ...query, limit: 1 });
    if (logs[0]) return logs[0].id;
  }
  return lineOfLevel(service, jobRunId, 'error', { from: 0, direction: 1 }, {});
}
