import { NewestLines, PageRoom } from '@/lib/protocol/page-room';
import { type Line, numberOf } from '@/lib/store/filtered-lines';
import type { LinePage, LogStore, PageQuery, PageStart } from '@/lib/store/store';

/**
 * A page of the lines that pass a filter together with the lines next to them. A page that begins after a line holds
 * what is next to a match before that line too, so that pages joined end to end are what one long page would be. The
 * page is cut at the first stretch of lines that begins behind `limit` of them, or where it has no room for more; one of the newest lines
 * keeps the newest.
 */
export async function readWithContext(
  store: Pick<LogStore, 'readPage'>,
  { run, start, filter, limit, signal }: PageQuery,
  context: number,
): Promise<LinePage> {
  const isAfter = start.kind === 'after';
  // Among the matches there may be some before the start, of which only what follows it is given.
  const matches = Math.max(1, Math.floor(limit / (2 * context + 1))) + (isAfter ? context : 0);
  const begin: PageStart = isAfter ? { kind: 'after', line: Math.max(0, start.line - context) } : start;
  const from: PageStart = begin.kind === 'tail' ? { kind: 'tail', count: matches } : begin;
  const page = await store.readPage({ run, start: from, limit: matches, filter, signal });
  const after = isAfter ? start.line : 0;
  const kept =
    start.kind === 'tail'
      ? new NewestLines<Line>(Number.POSITIVE_INFINITY)
      : new PageRoom<Line>(Number.POSITIVE_INFINITY);
  const { lines } = kept;
  let through = Math.max(after, page.head.firstLine - 1);
  for (const { first, last } of stretchesOf(page, context)) {
    let begins = Math.max(first, through + 1);
    if (begins > last) continue;
    if (lines.length >= limit) return { ...page, lines, lastSeen: through };
    while (begins <= last) {
      const stretch = { kind: 'after', line: begins - 1 } as const;
      const wide = await store.readPage({ run, start: stretch, limit: last - begins + 1, filter: {}, signal });
      for (const line of wide.lines) {
        if (!kept.add(line)) return { ...page, lines, lastSeen: through };
        through = numberOf(line);
      }
      if (wide.lines.length === 0) break;
      begins = through + 1;
    }
    through = last;
  }
  const dropped = kept instanceof NewestLines ? kept.dropped : undefined;
  const leftOut = dropped ? { seenAfter: Math.max(page.seenAfter ?? 0, numberOf(dropped)) } : {};
  // The next match may be right behind what was looked through, and what is next to it before that.
  const complete = page.lastSeen < page.head.lastLine ? page.lastSeen - context : page.lastSeen;
  return { ...page, ...leftOut, lines, lastSeen: Math.max(complete, through) };
}

/** The line ranges around the matches; those that touch are one. */
function stretchesOf({ lines, head }: LinePage, context: number): Array<{ first: number; last: number }> {
  const stretches: Array<{ first: number; last: number }> = [];
  for (const match of lines) {
    const line = numberOf(match);
    const first = Math.max(head.firstLine, line - context);
    const last = Math.min(head.lastLine, line + context);
    const before = stretches.at(-1);
    if (before && first <= before.last + 1) before.last = last;
    else stretches.push({ first, last });
  }
  return stretches;
}
