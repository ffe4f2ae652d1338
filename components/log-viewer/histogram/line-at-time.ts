import type { LogStreamingService } from '@/lib/client/log-streamer';
import type { FilterParameters } from '@/lib/protocol/filter';

/** The number of a run's first line from a time on (RFC 3339), under a filter; undefined where none follows. */
export async function lineAtTime(
  service: LogStreamingService,
  jobRunId: string,
  iso: string,
  signal?: AbortSignal,
  filter: FilterParameters = {},
): Promise<number | undefined> {
  const { logs } = await service.fetchHistory(jobRunId, { ...filter, at: iso, limit: 1 }, signal ? { signal } : {});
  return logs[0]?.id;
}
