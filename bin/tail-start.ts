import { StreamError } from '@/lib/client/client-errors';
import { lineOf } from '@/lib/client/line-sequence';
import type { LogStreamingService } from '@/lib/client/log-streaming-service';
import type { FilterParameters } from '@/lib/protocol/filter';
import { PAGE_LINES_MAX } from '@/lib/protocol/limits';

/** Ids that one search gives before it has to be continued. */
const SEARCH_LINES_MAX = 1_000_000;

export interface TailQuery {
  runId: string;
  filter: FilterParameters;
  /** The run's oldest and newest line. */
  first: number;
  last: number;
  count: number;
}

/** The line behind which the newest `count` lines that pass the filter begin. */
export async function findTailStart(service: LogStreamingService, query: TailQuery): Promise<number> {
  const { runId, filter, first, last, count } = query;
  if (count === 0 || last < first) return last;
  if (Object.keys(filter).length === 0) return Math.max(first - 1, last - count);
  if (filter.q !== undefined) return findTextTailStart(service, query);
  const { pagination } = await service.fetchHistory(runId, { ...filter, limit: 1 });
  const offset = Math.max(0, (pagination.total ?? 0) - count);
  const { logs } = await service.fetchHistory(runId, { ...filter, limit: 1, offset });
  return beforeLine(logs[0]?.id, last);
}

/**
 * How many lines have a text nobody knows beforehand. The newest page is looked at first; where it has too few, all that
 * the run has are searched, of which the numbers of the newest are kept.
 */
async function findTextTailStart(service: LogStreamingService, query: TailQuery): Promise<number> {
  const { runId, filter, first, last, count } = query;
  const page = await service.fetchHistory(runId, { ...filter, tail: Math.min(count, PAGE_LINES_MAX) });
  const isWhole = (page.pagination.looked_after ?? 0) < first;
  if (page.logs.length >= count || isWhole) return beforeLine(page.logs[0]?.id, last);
  const newest: number[] = [];
  let found = 0;
  let place = first - 1;
  for (let after: string | undefined = String(place); after !== undefined; ) {
    let next: string | undefined;
    for await (const line of service.search(runId, { ...filter, limit: SEARCH_LINES_MAX, after })) {
      if ('id' in line) newest[found++ % count] = line.id;
      else if ('next' in line) next = line.next;
    }
    if (next !== undefined) place = lineBehind(next, place);
    after = next;
  }
  return beforeLine(newest[found < count ? 0 : found % count], last);
}

/** The line of the cursor at which a search goes on, which is behind the place where it began. */
function lineBehind(cursor: string, place: number): number {
  const line = lineOf(cursor);
  if (line !== undefined && line > place) return line;
  throw new StreamError('malformed', `The server's searches do not go on behind line ${place}.`);
}

/** Behind the line before the one that was found; behind all where none was. */
function beforeLine(line: number | undefined, last: number): number {
  return line === undefined ? last : line - 1;
}
