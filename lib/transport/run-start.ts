import { StratalError } from '@/lib/errors/stratal-error';
import type { Feed } from '@/lib/feed/feed';
import type { RunFeed } from '@/lib/feed/run-feed';
import { formatRunCursor, type RunCursor } from '@/lib/protocol/cursor';
import { isUnfiltered } from '@/lib/protocol/filter-match';
import { PAGE_LINES_MAX } from '@/lib/protocol/limits';
import type { ResetEvent, ResetReason } from '@/lib/protocol/stream-events';
import type { RunHead } from '@/lib/store/store';
import type { RunPlace } from './run-reader';
import type { StreamRequest } from './stream-request';

export interface RunStart {
  place: RunPlace;
  /** The place that `connected` names: what was presented where that gets a reset, so that a cut before the reset repeats it. */
  cursor: string;
  reset: ResetEvent | undefined;
  /** The run-end at the cursor is the newest: there is nothing to send. */
  isOver: boolean;
}

/** Decides where a job stream starts: docs/protocol.md §4. */
export async function decideRunStart(feed: Feed, run: RunFeed, request: StreamRequest): Promise<RunStart> {
  const { presented } = request;
  if (!presented) return startAt(feed, run.head, await lineBeforeStart(feed, run, request));
  if (presented.kind === 'line') {
    // 0 asks for the start, wherever that is.
    if (presented.line === 0) return startAt(feed, run.head, run.head.firstLine - 1);
    return resume(feed, run, { line: presented.line, ends: undefined });
  }
  const { cursor } = presented;
  if (cursor.kind !== 'run') throw new TypeError('a job stream takes a cursor of a run');
  if (isForeign(feed, run, cursor)) return resetTo(feed, run.head, 'epoch', presented.text);
  return resume(feed, run, { line: cursor.line, ends: cursor.ends });
}

async function resume(feed: Feed, run: RunFeed, place: RunPlace): Promise<RunStart> {
  if (isBeyond(run.head, place) || place.ends !== run.head.end?.number) {
    // This node may be behind the one that gave the cursor: the store decides.
    await feed.runs.refresh(run);
  }
  const { head } = run;
  const cursor = formatRunCursor(feed.store.epoch, head.key, place.line, place.ends);
  if (isBeyond(head, place)) return resetTo(feed, head, 'ahead', cursor);
  if (place.line < head.firstLine - 1) return resetTo(feed, head, 'truncated', cursor);
  const isOver = head.end !== undefined && place.line === head.lastLine && place.ends === head.end.number;
  return { place, cursor, reset: undefined, isOver };
}

function isForeign(feed: Feed, run: RunFeed, cursor: RunCursor): boolean {
  return cursor.epoch !== feed.store.epoch || cursor.runKey !== run.run.key;
}

/** A run that came back from lost has no end, but had some: their number is not known here and not judged. */
function isBeyond(head: RunHead, place: RunPlace): boolean {
  if (place.line > head.lastLine) return true;
  return place.ends !== undefined && head.end !== undefined && place.ends > head.end.number;
}

function startAt(feed: Feed, head: RunHead, line: number): RunStart {
  const cursor = formatRunCursor(feed.store.epoch, head.key, line);
  return { place: { line, ends: undefined }, cursor, reset: undefined, isOver: false };
}

function resetTo(feed: Feed, head: RunHead, reason: ResetReason, presented: string): RunStart {
  const line = head.firstLine - 1;
  const cursor = formatRunCursor(feed.store.epoch, head.key, line);
  return {
    place: { line, ends: undefined },
    cursor: presented,
    reset: { cursor, reason, first: head.firstLine, last: head.lastLine },
    isOver: false,
  };
}

/** The line before the first one to send, without a cursor: the run's start, or the newest `tail` lines that match the filter. */
async function lineBeforeStart(feed: Feed, run: RunFeed, { tail, filter }: StreamRequest): Promise<number> {
  const { head } = run;
  if (tail === undefined) return head.firstLine - 1;
  if (tail === 0) return head.lastLine;
  if (isUnfiltered(filter)) return Math.max(head.firstLine - 1, head.lastLine - tail);
  if (filter.text && tail > PAGE_LINES_MAX) {
    throw new StratalError('STRATAL_BAD_PARAMETER', `tail: must be at most ${PAGE_LINES_MAX} together with q.`, {
      members: { field: 'tail' },
    });
  }
  const { readPage } = feed.store;
  if (filter.text) {
    const page = await readPage({ run: run.run, start: { kind: 'tail', count: tail }, limit: tail, filter });
    return page.newestFrom === undefined ? page.lastSeen : page.newestFrom - 1;
  }
  // Under sets and times totals are exact, so the place of the first line is counted, not read.
  const { total } = await readPage({ run: run.run, start: { kind: 'offset', offset: 0 }, limit: 1, filter });
  const offset = Math.max(0, (total ?? 0) - tail);
  const page = await readPage({ run: run.run, start: { kind: 'offset', offset }, limit: 1, filter });
  return page.lines.length > 0 ? lineBefore(page.lines[0], head.lastLine) : page.head.lastLine;
}

function lineBefore(line: { batch: { firstLine: number }; index: number } | undefined, otherwise: number): number {
  return line ? line.batch.firstLine + line.index - 1 : otherwise;
}
