import type { LogStreamingService } from '@/lib/client/log-streamer';
import type { FilterParameters } from '@/lib/protocol/filter';
import type { Level } from '@/lib/protocol/log-message';
import { matchAfter, matchBefore } from './nearest-match';

/**
 * The nearest line of a level after (1) or before (-1) a line, in the whole run, under a filter;
 * undefined where there is none. Two requests at most where the filter has no text.
 */
export async function lineOfLevel(
  service: LogStreamingService,
  jobRunId: string,
  level: Level,
  { from, direction }: { from: number; direction: 1 | -1 },
  filter: FilterParameters,
  signal?: AbortSignal,
): Promise<number | undefined> {
  // What Stratal itself says of a run's end is no error of the program.
  const lines = { stream: 'stdout,stderr', ...filter, level };
  if (filter.q !== undefined) {
    // With text no offsets are known.
    if (direction === 1) return matchAfter(service, jobRunId, lines, from, signal);
    return matchBefore(service, jobRunId, lines, from, signal);
  }
  const query = { ...lines, limit: 1 };
  const options = signal ? { signal } : undefined;
  const after = direction === 1 ? from : from - 1;
  const { logs, pagination } = await service.fetchHistory(jobRunId, { ...query, after: Math.max(0, after) }, options);
  if (direction === 1) return logs[0]?.id;
  const before = pagination.offset ?? 0;
  if (before === 0) return undefined;
  const { logs: previous } = await service.fetchHistory(jobRunId, { ...query, offset: before - 1 }, options);
  return previous[0]?.id;
}
