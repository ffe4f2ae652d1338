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
  const options = signal ? { signal } : {};
  let page = await service.fetchHistory(jobRunId, { ...filter, at: iso, limit: 1 }, options);
  // Under a text the server looks through so many lines for one page; where it ends nothing more moves.
  for (let after: string | undefined; page.logs.length === 0 && page.pagination.next !== after; ) {
    if (page.pagination.ended) return undefined;
    after = page.pagination.next;
    page = await service.fetchHistory(jobRunId, { ...filter, after, limit: 1 }, options);
  }
  return page.logs[0]?.id;
}
