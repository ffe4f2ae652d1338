import type { LogStreamingService } from '@/lib/client/log-streaming-service';
import type { Run } from '@/lib/protocol/run';
import type { ConnectionNews } from './connection-news';
import type { LogsRequest } from './logs-request';
import { NoSuchLines } from './read-failure';
import { ResetLimit } from './reset-limit';
import { type Patience, resetOf, retrying } from './retrying';
import { findTailStart } from './tail-start';

/** Which of a run's stored lines are to be read. */
export interface ReadingBounds {
  /** Begins behind this line. */
  after: number;
  last: number;
  /** Says what of the asked lines retention has taken. */
  removed?: string;
}

export interface BoundsOptions {
  service: LogStreamingService;
  request: LogsRequest;
  patience: Patience;
  news: ConnectionNews;
}

/**
 * Asks the run where its lines begin and end. Who follows waits for a server that is away; others hear of it at once, as
 * its address may be wrong. Where lines go while the newest are counted, they are counted anew.
 */
export async function findReadingBounds(options: BoundsOptions): Promise<ReadingBounds> {
  const { service, request, patience, news } = options;
  const first = request.follow ? patience : { ...patience, attemptsMax: 1 };
  let run = await retrying(() => service.fetchRun(request.runId), first, news);
  const resets = new ResetLimit(patience.attemptsMax);
  const find = async (tries: number) => {
    if (tries > 1) run = await service.fetchRun(request.runId);
    return boundsOf(service, request, run);
  };
  for (;;) {
    try {
      return await retrying(find, patience, news);
    } catch (error) {
      if (!resetOf(error)) throw error;
    }
    await resets.add();
    run = await retrying(() => service.fetchRun(request.runId), patience, news);
  }
}

async function boundsOf(
  service: LogStreamingService,
  { filter, start }: LogsRequest,
  run: Run,
): Promise<ReadingBounds> {
  const first = run.first_line;
  const last = first + run.line_count - 1;
  const { tail, after, lines } = start;
  if (tail !== undefined) {
    return { after: await findTailStart(service, { runId: run.id, filter, first, last, count: tail }), last };
  }
  const from = lines?.first ?? (after ?? 0) + 1;
  const has = last < first ? 'has no lines yet' : `has lines ${first} to ${last}`;
  if ((lines && (from > last || lines.last < first)) || (after !== undefined && after > last)) {
    throw new NoSuchLines(`Job run ${run.id} ${has}; ask for some of them.`);
  }
  const end = Math.min(lines?.last ?? last, last);
  if (from >= first) return { after: from - 1, last: end };
  const removed = from === first - 1 ? `line ${from} is gone` : `lines ${from} to ${first - 1} are gone`;
  return { after: first - 1, last: end, removed: `${removed}: retention removed what is older than line ${first}` };
}
