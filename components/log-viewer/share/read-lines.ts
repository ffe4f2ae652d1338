import type { HistoryQuery, LogStreamingService } from '@/lib/client/log-streamer';
import type { LineRange } from '@/lib/protocol/line-range';
import type { LogMessage } from '@/lib/protocol/log-message';

/** Lines that are copied at once, at most: some megabytes of text. More is a download. */
export const COPY_LINES_MAX = 50_000;
/** UTF-16 units of text; lines may be long. */
const COPY_CHARS_MAX = 16_000_000;
const PAGE_LINES = 1000;

/** Lines with numbers from `after` + 1 on, ascending, at most `limit`. */
export type FetchLines = (after: number, limit: number) => Promise<readonly LogMessage[]>;

export interface ReadLines {
  lines: LogMessage[];
  /** The range went on after as much as is copied at once. */
  isCut: boolean;
}

/**
 * The lines of a range in order: those at hand, and pages of those that are not. `held` are consecutive lines
 * of the run, ascending. Lines that retention took are left out.
 */
export async function readLines(
  { first, last }: LineRange,
  held: readonly LogMessage[],
  fetchLines: FetchLines,
): Promise<ReadLines> {
  const end = Math.min(last, first + COPY_LINES_MAX - 1);
  const lines: LogMessage[] = [];
  let next = first;
  let chars = 0;
  const take = (more: readonly LogMessage[]) => {
    for (const line of more) {
      if (line.id < next || line.id > end || chars > COPY_CHARS_MAX) continue;
      chars += line.message.length;
      lines.push(line);
      next = line.id + 1;
    }
  };
  const heldFirst = held[0]?.id ?? Number.POSITIVE_INFINITY;
  const fetchTo = async (stop: number) => {
    while (next <= stop && chars <= COPY_CHARS_MAX) {
      const page = await fetchLines(next - 1, Math.min(PAGE_LINES, stop - next + 1));
      const before = next;
      take(page);
      if (next === before) break;
    }
  };
  await fetchTo(Math.min(end, heldFirst - 1));
  take(held);
  await fetchTo(end);
  return { lines, isCut: last > end || chars > COPY_CHARS_MAX };
}

/** Pages in a row that may be empty: a text is looked for in so many stretches of the run before the next line is found. */
const EMPTY_PAGES_MAX = 200;

/** Reads lines of a run from the server; with a filter those that pass it, and what comes with them. */
export function fetchLinesOf(
  service: LogStreamingService,
  jobRunId: string,
  parameters: HistoryQuery = {},
): FetchLines {
  return async (after, limit) => {
    let from: string | number = after;
    for (let empty = 0; empty < EMPTY_PAGES_MAX; empty++) {
      const { logs, pagination } = await service.fetchHistory(jobRunId, { after: from, limit, ...parameters });
      if (logs.length > 0 || pagination.ended || pagination.next === from) return logs;
      from = pagination.next;
    }
    return [];
  };
}
