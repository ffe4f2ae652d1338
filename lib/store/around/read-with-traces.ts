import { TRACE_SPAN } from '@/lib/protocol/continuation';
import type { LineFilter } from '@/lib/protocol/filter';
import { matchesTime } from '@/lib/protocol/filter-match';
import { PAGE_CHARS_MAX } from '@/lib/protocol/limits';
import { charsOf, NewestLines, PageRoom } from '@/lib/protocol/page-room';
import { type Line, numberOf } from '@/lib/store/filtered-lines';
import type { LinePage, LogStore, PageQuery } from '@/lib/store/store';
import { LineReader } from './line-reader';
import { TraceSearch, timeToMatch } from './trace-search';

/**
 * A page of the lines that pass a filter, together with the rest of the stack traces that they are in, also where the match is
 * on the page before or behind: pages joined end to end are what one long page would be. What the filter's text excludes stays out, as do lines
 * outside its times.
 */
export async function readWithTraces(
  store: Pick<LogStore, 'readPage'>,
  { run, start, filter, limit, signal }: PageQuery,
): Promise<LinePage> {
  const page = await store.readPage({ run, start, limit, filter, signal });
  const search = new TraceSearch(new LineReader(store, run, page), limit, signal);
  const isTail = start.kind === 'tail';
  const after = start.kind === 'after' ? Math.max(start.line, page.head.firstLine - 1) : page.head.firstLine - 1;
  const last = isTail ? page.head.lastLine : page.lastSeen;
  const before = start.kind === 'after' ? await search.matchesFrom(after, -1, filter) : [];
  const behind = await search.matchesFrom(last + 1, 1, filter);
  const seeds = isTail ? page.lines.toReversed() : [...before, ...page.lines, ...behind];
  const lines = new Map(page.lines.map((line) => [numberOf(line), line]));
  const known = new Set(seeds.map(numberOf));
  let joined = 0;
  let chars = 0;
  for (const [index, seed] of seeds.entries()) {
    // What is found of the others would be cut off.
    if (isTail ? index + joined > limit || chars > PAGE_CHARS_MAX : isFullBefore(numberOf(seed), lines, limit, chars))
      break;
    chars += charsOf(seed);
    for (const line of await search.around(seed, known)) {
      const number = numberOf(line);
      known.add(number);
      if (filter.text) await timeToMatch();
      if (lines.has(number) || number <= after || number > last || !mayJoin(filter, line)) continue;
      lines.set(number, line);
      joined += 1;
      chars += charsOf(line);
    }
  }
  // What was not looked at any more would be missing.
  signal?.throwIfAborted();
  const ascending = [...lines].sort(([a], [b]) => a - b).map(([, line]) => line);
  return cutPage(page, ascending, limit, isTail);
}

/** Whether a page is full with those of its lines that are too far before a match for its trace to be among them. */
function isFullBefore(match: number, lines: ReadonlyMap<number, Line>, limit: number, chars: number): boolean {
  if (lines.size <= limit && chars <= PAGE_CHARS_MAX) return false;
  const room = new PageRoom<Line>(limit);
  for (const [number, line] of lines) if (number < match - TRACE_SPAN && !room.add(line)) return true;
  return false;
}

/** The page with these lines instead of its matches alone: the newest for which there is room, or the oldest. */
function cutPage(page: LinePage, lines: Line[], limit: number, isTail: boolean): LinePage {
  const newest = lines.at(-1);
  const lastSeen = Math.max(page.lastSeen, newest ? numberOf(newest) : 0);
  const kept = isTail ? new NewestLines<Line>(limit) : new PageRoom<Line>(limit);
  const isWhole = lines.every((line) => kept.add(line));
  if (kept instanceof NewestLines) {
    const { dropped } = kept;
    if (!dropped) return { ...page, lines: kept.lines, lastSeen };
    // Of matches above those of the page nothing is told, also where a trace reaches beyond them.
    const [first] = page.lines;
    const above = page.offset !== 0 && first ? numberOf(first) - 1 : 0;
    return {
      ...page,
      seenAfter: Math.max(page.seenAfter ?? above, numberOf(dropped)),
      lines: kept.lines,
      lastSeen,
    };
  }
  const cut = kept.lines.at(-1);
  return { ...page, lines: kept.lines, lastSeen: cut && !isWhole ? numberOf(cut) : lastSeen };
}

function mayJoin(filter: LineFilter, { batch, index }: Line): boolean {
  return matchesTime(filter, batch.timeUs(index)) && filter.text?.excludes(batch.message(index)) !== true;
}
