import type { HistoryQuery } from '@/lib/client/log-streamer';
import type { History } from '@/lib/protocol/api';
import { parseCursor } from '@/lib/protocol/cursor';
import type { LogMessage } from '@/lib/protocol/log-message';

/** Lines of a page. */
const PAGE_LINES = 1000;
const SPAN_LINES = 16_000;
/** A page takes these whatever is in them, also with context around each. */
const SPAN_LINES_MIN = 20;
/** The server looks through no more lines for one page. */
const SPAN_LINES_MAX = 400_000;

/** Reads the matches of a filter backwards, page by page. */
export class MatchPages {
  /** How many lines back the next matches are looked for. */
  #span = SPAN_LINES;

  /**
   * The matches from `after` to `end`. Pages are read forwards, so how far back a page's worth of matches begins is
   * tried: a page that does not reach `end` began too far back, and after a nearly empty one the next may go further.
   */
  async before(
    end: number,
    first: number,
    fetch: (query: HistoryQuery) => Promise<History>,
  ): Promise<{ logs: LogMessage[]; after: number }> {
    for (;;) {
      const after = Math.max(first - 1, end - this.#span);
      const page = await fetch({ after, limit: PAGE_LINES });
      if (throughOf(page, after) < end && this.#span > SPAN_LINES_MIN) {
        this.#span = Math.max(SPAN_LINES_MIN, Math.floor(this.#span / 4));
        continue;
      }
      if (page.logs.length < PAGE_LINES / 4) this.#span = Math.min(SPAN_LINES_MAX, 4 * this.#span);
      return { logs: page.logs, after };
    }
  }
}

/** The line up to which a page that began after line `after` is complete. */
export function throughOf({ logs, pagination }: History, after: number): number {
  const cursor = parseCursor(pagination.next);
  return Math.max(after, logs.at(-1)?.id ?? 0, cursor?.kind === 'run' ? cursor.line : 0);
}
