import { StreamError } from '@/lib/client/client-errors';
import { lineOf } from '@/lib/client/line-sequence';
import type { LogStreamingService } from '@/lib/client/log-streaming-service';
import type { History } from '@/lib/protocol/api';
import type { FilterParameters } from '@/lib/protocol/filter';
import { PAGE_LINES_MAX } from '@/lib/protocol/limits';
import type { LineRange } from '@/lib/protocol/line-range';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { ResetEvent } from '@/lib/protocol/stream-events';
import type { ConnectionNews } from './connection-news';
import { NoSuchLines } from './read-failure';
import { ResetLimit } from './reset-limit';
import { isOtherLog } from './reset-words';
import { type Patience, resetOf, retrying } from './retrying';

export interface StoredLinesOptions {
  service: LogStreamingService;
  runId: string;
  filter: FilterParameters;
  /** Begins behind this line. */
  after: number;
  /** Ends with the page that reaches this line. */
  last: number;
  /** Only these lines are wanted, and none of another log that has their numbers. */
  lines?: LineRange | undefined;
  patience: Patience;
  news: ConnectionNews;
  /** Lines are gone between the page before and the next one, which is there where the event's first line is not behind `last`. */
  onReset(event: ResetEvent, last?: number): Promise<void>;
}

export interface StoredPage {
  logs: readonly LogMessage[];
  /** Where a stream goes on behind the page. */
  cursor: string;
  /** The run is final, and this is its end. */
  hasEnded: boolean;
}

/**
 * A run's stored lines, a page at a time and none ahead, so that whoever prints them slowly slows the reading down. A server
 * that goes away meanwhile is waited for. Throws ApiError, StreamError and NoSuchLines.
 */
export async function* readStoredLines(options: StoredLinesOptions): AsyncGenerator<StoredPage> {
  const { service, lines, onReset } = options;
  const resets = new ResetLimit(options.patience.attemptsMax);
  let { last, after: place } = options;
  let after: string | number = place;
  for (;;) {
    const limit = lines ? Math.min(PAGE_LINES_MAX, Math.max(1, last - place)) : PAGE_LINES_MAX;
    const page = await fetchPage(options, after, limit);
    if ('reset' in page) {
      const { reset } = page;
      if (isOtherLog(reset)) {
        if (lines) throw new NoSuchLines(OTHER_LINES);
        last = reset.last ?? last;
      }
      await onReset(reset, lines && last);
      if (lines && (reset.first ?? 1) > last) return;
      after = reset.cursor;
      place = lineOf(after) ?? 0;
      await resets.add();
      continue;
    }
    const { logs, pagination } = page;
    const { next, ended } = pagination;
    if (logs.length > 0) resets.clear();
    yield { logs: lines ? within(logs, lines) : logs, cursor: next, hasEnded: ended };
    const reached = lineOf(next) ?? logs.at(-1)?.id;
    if (ended || (reached ?? 0) >= last) return;
    if (logs.length === 0 && (next === after || reached === place)) return;
    if (reached === undefined || reached <= place) {
      throw new StreamError('malformed', `${service.baseUrl} gives pages that do not go on behind line ${place}.`);
    }
    after = next;
    place = reached;
  }
}

const OTHER_LINES =
  'The log that was read is gone, and another one in its place, whose lines of these numbers are others.';

function within(logs: readonly LogMessage[], { first, last }: LineRange): LogMessage[] {
  return logs.filter(({ id }) => id >= first && id <= last);
}

async function fetchPage(
  { service, runId, filter, patience, news }: StoredLinesOptions,
  after: string | number,
  limit: number,
): Promise<History | { reset: ResetEvent }> {
  const query = { ...filter, limit, after };
  try {
    return await retrying(() => service.fetchHistory(runId, query), patience, news);
  } catch (error) {
    const reset = resetOf(error);
    if (!reset) throw error;
    // An answer too, so the server is back.
    news.back();
    return { reset };
  }
}
