import type { LogStreamingService } from '@/lib/client/log-streamer';
import type { FilterParameters } from '@/lib/protocol/filter';
import type { Level } from '@/lib/protocol/log-message';

/**
 * The nearest line of a level after (1) or before (-1) a line, in the whole run, under the sets and times of a filter;
 * undefined where there is none. Two requests at most.
 */
export async function lineOfLevel(
  service: LogStreamingService,
  jobRunId: string,
  level: Level,
  { from, direction }: { from: number; direction: 1 | -1 },
  filter: FilterParameters,
): Promise<number | undefined> {
  // With text no offsets are known; where errors are does not depend on it.
  const { q: _q, case: _case, ...sets } = filter;
  const query = { ...sets, level, limit: 1 };
  const after = direction === 1 ? from : from - 1;
  const { logs, pagination } = await service.fetchHistory(jobRunId, { ...query, after: Math.max(0, after) });
  if (direction === 1) return logs[0]?.id;
  const before = pagination.offset ?? 0;
  if (before === 0) return undefined;
  const { logs: previous } = await service.fetchHistory(jobRunId, { ...query, offset: before - 1 });
  return previous[0]?.id;
}
