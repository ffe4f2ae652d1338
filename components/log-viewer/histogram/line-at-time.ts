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
  for (let place: { at: string } | { after: string } = { at: iso }; ; ) {
    const { logs, pagination } = await service.fetchHistory(jobRunId, { ...filter, ...place, limit: 1 }, options);
    // Under a text the server looks through so many lines for one page; where it ends nothing more moves.
    const isAtEnd = pagination.ended || ('after' in place && pagination.next === place.after);
    if (logs.length > 0 || isAtEnd) return logs[0]?.id;
    place = { after: pagination.next };
  }
}
