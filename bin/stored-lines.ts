import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '@/lib/client/backoff';
import { ApiError, StreamError } from '@/lib/client/client-errors';
import { closingOfError } from '@/lib/client/closing';
import { lineOf } from '@/lib/client/line-sequence';
import type { LogStreamingService } from '@/lib/client/log-streaming-service';
import type { Closing } from '@/lib/client/transport';
import type { History } from '@/lib/protocol/api';
import type { FilterParameters } from '@/lib/protocol/filter';
import { PAGE_LINES_MAX } from '@/lib/protocol/limits';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { ResetEvent } from '@/lib/protocol/stream-events';
import type { ConnectionNews } from './connection-news';
import { describeReset } from './reset-words';

export interface StoredLinesOptions {
  service: LogStreamingService;
  runId: string;
  filter: FilterParameters;
  /** Begins behind this line. */
  after: number;
  /** Ends with the page that reaches this line. */
  last: number;
  /** Attempts in a row to reach a server that went away. */
  attemptsMax: number;
  news: ConnectionNews;
  say(sentence: string): void;
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
 * that goes away meanwhile is waited for. Throws ApiError and StreamError.
 */
export async function* readStoredLines(options: StoredLinesOptions): AsyncGenerator<StoredPage> {
  const { say } = options;
  let { last } = options;
  let after: string | number = options.after;
  for (;;) {
    const page = await fetchPage(options, after);
    if ('reset' in page) {
      say(describeReset(page.reset));
      after = page.reset.cursor;
      // Another log has another end.
      if (page.reset.reason !== 'truncated') last = page.reset.last ?? last;
      continue;
    }
    const { logs, pagination } = page;
    const { next, ended } = pagination;
    yield { logs, cursor: next, hasEnded: ended };
    const stands = logs.length === 0 && next === after;
    if (ended || stands || (lineOf(next) ?? 0) >= last) return;
    after = next;
  }
}

async function fetchPage(
  options: StoredLinesOptions,
  after: string | number,
): Promise<History | { reset: ResetEvent }> {
  const { service, runId, filter, attemptsMax, news } = options;
  for (let tries = 1; ; tries += 1) {
    try {
      const page = await service.fetchHistory(runId, { ...filter, limit: PAGE_LINES_MAX, after });
      news.back();
      return page;
    } catch (error) {
      const closing = closingOf(error);
      if (closing?.outcome === 'reset') return { reset: closing.event };
      if (closing?.outcome !== 'lost' || closing.error === undefined || tries >= attemptsMax) throw error;
      news.lost(closing.error);
      await sleep(backoffMs(tries, Math.random(), closing.retryAfterMs));
    }
  }
}

/** What a failed read means; undefined where asking again is of no use. */
function closingOf(error: unknown): Closing | undefined {
  if (error instanceof ApiError) return closingOfError(error);
  if (error instanceof StreamError && error.kind === 'connection') return { outcome: 'lost', error };
  return undefined;
}
