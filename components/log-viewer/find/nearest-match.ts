import { MatchPages } from '@/components/log-viewer/match-pages';
import type { LogStreamingService } from '@/lib/client/log-streamer';
import type { FilterParameters } from '@/lib/protocol/filter';

/** The first line after another one that passes a filter, wherever it is in the run; undefined where none does. */
export async function matchAfter(
  service: LogStreamingService,
  jobRunId: string,
  filter: FilterParameters,
  line: number,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const query = { ...filter, after: Math.max(0, line), limit: 1 };
  for await (const answer of service.search(jobRunId, query, signal ? { signal } : undefined)) {
    if ('id' in answer) return answer.id;
  }
  return undefined;
}

/** The last line before another one that passes a filter; undefined where none does. */
export async function matchBefore(
  service: LogStreamingService,
  jobRunId: string,
  filter: FilterParameters,
  line: number,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const pages = new MatchPages();
  let end = line - 1;
  while (end > 0) {
    const { logs, after } = await pages.before(end, 1, (query) =>
      service.fetchHistory(jobRunId, { ...query, ...filter }, signal ? { signal } : undefined),
    );
    const last = logs.findLast(({ id }) => id < line);
    if (last) return last.id;
    end = after;
  }
  return undefined;
}
