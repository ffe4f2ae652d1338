import type { HistoryQuery } from '@/lib/client/log-streamer';
import type { History } from '@/lib/protocol/api';
import { parseCursor } from '@/lib/protocol/cursor';
import { PAGE_LINES_SURE } from '@/lib/protocol/limits';
import type { LogMessage } from '@/lib/protocol/log-message';

/** Lines of a page. */
const PAGE_LINES = 1000;
const SPAN_LINES = 16_000;
/** Less than the server looks through for one page. */
const SPAN_LINES_MAX = 400_000;

/** Reads a page of the lines that are asked for. */
export type FetchPage = (query: HistoryQuery) => Promise<History>;

/** Reads the matches of a filter backwards, page by page. */
export class MatchPages {
  readonly #pageLines: number;
  /** How many lines back the next matches are looked for. */
  #span = SPAN_LINES;

  /** @param linesMax no page has more lines */
  constructor(linesMax = PAGE_LINES) {
    this.#pageLines = Math.min(PAGE_LINES, linesMax);
  }

  /**
   * The matches from `after` to `end`. Pages are read forwards, so how far back a page's worth of matches begins is
   * tried: a page that does not reach `end` began too far back, and after a nearly empty one the next may go further.
   */
  async before(end: number, first: number, fetch: FetchPage): Promise<{ logs: LogMessage[]; after: number }> {
    for (;;) {
      const after = Math.max(first - 1, end - this.#span);
      const page = await fetch({ after, limit: this.#pageLines });
      // A page takes the least span whatever is in it, also with context around each line.
      if (throughOf(page, after) < end && this.#span > PAGE_LINES_SURE) {
        this.#span = Math.max(PAGE_LINES_SURE, Math.floor(this.#span / 4));
        continue;
      }
      if (page.logs.length < this.#pageLines / 4) this.#span = Math.min(SPAN_LINES_MAX, 4 * this.#span);
      return { logs: page.logs, after };
    }
  }
}

/** The lines up to `end`: `lines` of them, or fewer where they are so long that a page has no room for all. */
export async function pageBefore(
  end: number,
  first: number,
  lines: number,
  fetch: FetchPage,
): Promise<{ logs: LogMessage[]; after: number }> {
  for (let span = lines; ; span = Math.max(PAGE_LINES_SURE, Math.floor(span / 4))) {
    const after = Math.max(first - 1, end - span);
    const page = await fetch({ after, limit: end - after });
    // One that does not reach the end would leave a gap.
    if (throughOf(page, after) >= end || span <= PAGE_LINES_SURE) return { logs: page.logs, after };
  }
}

/** Lines above one that a page of `limit` lines may begin with and reach it although all are matches, with so many lines of context each. */
export function linesAbove(wanted: number, limit: number, context: number): number {
  return Math.min(wanted, Math.floor(limit / (2 * context + 1)) - 1);
}

/** A page that begins so many lines above a line, or fewer where those are so long that it would not reach the line. */
export async function pageAround(
  line: number,
  above: number,
  first: number,
  limit: number,
  fetch: FetchPage,
): Promise<{ page: History; after: number }> {
  const read = async (lines: number) => {
    const after = Math.max(first - 1, line - 1 - lines);
    return { page: await fetch({ after, limit }), after };
  };
  const wide = await read(above);
  return throughOf(wide.page, wide.after) >= line || above < PAGE_LINES_SURE ? wide : read(PAGE_LINES_SURE - 1);
}

/** The line up to which a page that began after line `after` is complete. */
export function throughOf({ logs, pagination }: History, after: number): number {
  const cursor = parseCursor(pagination.next);
  return Math.max(after, logs.at(-1)?.id ?? 0, cursor?.kind === 'run' ? cursor.line : 0);
}

/**
 * From which number, exclusive, to which one a page of the newest matches, `asked` of them, has all. With text, and where long lines
 * had no room, the server tells how far back it looked; else fewer than were asked for are all there are, unless others came with them.
 */
export function spanOfNewest(page: History, asked: number, hasContext: boolean): { after: number; through: number } {
  const { logs, pagination } = page;
  const isWhole = logs.length < asked && !hasContext;
  const through = throughOf(page, 0);
  return { after: pagination.looked_after ?? (isWhole ? 0 : (logs[0]?.id ?? through + 1) - 1), through };
}
