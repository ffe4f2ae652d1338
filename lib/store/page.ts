import { StratalError } from '@/lib/errors/stratal-error';
import { isUnfiltered } from '@/lib/protocol/filter-match';
import { NewestLines, PageRoom } from '@/lib/protocol/page-room';
import type { ChunkIndexReader } from './chunk-index';
import type { ChunkReader } from './chunk-reader';
import type { Sql } from './database';
import { FilteredLines, type Line, LinesRemovedError, numberOf } from './filtered-lines';
import { readRunHead } from './run-head';
import type { LinePage, PageQuery, PageStart, RunHead } from './store';
import type { TaskDirectory } from './task-directory';

export interface PageSource {
  sql: Sql;
  chunks: ChunkReader;
  index: ChunkIndexReader;
  tasks: TaskDirectory;
}

/**
 * How often a page is begun anew because retention took lines from under it; a pass of it removes some chunks at a time. A try that is lost is lost at
 * its first chunk, since the others go later, and costs some milliseconds; on a busy machine more are lost than not.
 */
const TRIES_MAX = 100;

/**
 * A page of a run's lines. Unfiltered pages are found by line number, filtered ones by the facets of the chunk index. A page agrees with
 * the head that it carries: one that loses lines while it is read is read anew.
 */
export async function readPage(source: PageSource, query: PageQuery): Promise<LinePage> {
  for (let tries = 1; ; tries++) {
    try {
      return await readPageOnce(source, query);
    } catch (error) {
      if (!(error instanceof LinesRemovedError) || tries === TRIES_MAX) throw error;
    }
  }
}

async function readPageOnce(source: PageSource, query: PageQuery): Promise<LinePage> {
  query.signal?.throwIfAborted();
  const head = await readRunHead(source.sql, { key: query.run.key });
  if (!head) throw new StratalError('STRATAL_NO_RUN', `There is no job run ${query.run.id}.`);
  source.chunks.forget(head.key, head.firstLine);
  if (isUnfiltered(query.filter) && query.start.kind !== 'at') return plainPage(source, query, head);
  const index = await source.index.read(query.run.key);
  const first = index.chunks[0]?.firstLine ?? head.lastLine + 1;
  if (first > head.firstLine) throw new LinesRemovedError(`run ${head.key} begins at ${first}, not ${head.firstLine}`);
  const filtered = new FilteredLines(source.chunks, query, index);
  return query.filter.text ? textPage(filtered, query, head) : countedPage(filtered, query, head);
}

async function plainPage(
  source: PageSource,
  { run, start, limit, signal }: PageQuery,
  head: RunHead,
): Promise<LinePage> {
  const total = head.lastLine - head.firstLine + 1;
  let first = head.firstLine;
  if (start.kind === 'offset') first = head.firstLine + start.offset;
  else if (start.kind === 'after') first = Math.max(head.firstLine, start.line + 1);
  else if (start.kind === 'tail') first = Math.max(head.firstLine, head.lastLine - start.count + 1);
  const last = Math.min(head.lastLine, first + limit - 1);
  const page = pageOf(start, limit);
  for (let line = first, hasRoom = true; line <= last && hasRoom; ) {
    const batch = await source.chunks.sharedBatch(run, line);
    signal?.throwIfAborted();
    if (batch === undefined || batch.firstLine > line)
      throw new LinesRemovedError(`line ${line} of run ${run.key} is gone`);
    for (
      let index = line - batch.firstLine;
      hasRoom && index < batch.count && batch.firstLine + index <= last;
      index++
    ) {
      hasRoom = page.add({ batch, index });
    }
    line = batch.lastLine + 1;
  }
  const { lines } = page;
  const [oldest] = lines;
  const newest = lines.at(-1);
  const lastSeen = Math.min(head.lastLine, newest ? numberOf(newest) : Math.max(head.firstLine, first) - 1);
  const offset = (oldest ? numberOf(oldest) : first) - head.firstLine;
  return { lines, total, offset, lastSeen, ...leftOut(page), head };
}

/** Of the newest lines the newest are kept where there is no room for all, of others the first. */
function pageOf(start: PageStart, limit: number): PageRoom<Line> | NewestLines<Line> {
  return start.kind === 'tail' ? new NewestLines(limit) : new PageRoom(limit);
}

function leftOut(page: PageRoom<Line> | NewestLines<Line>): Pick<LinePage, 'seenAfter'> {
  const dropped = page instanceof NewestLines ? page.dropped : undefined;
  return dropped ? { seenAfter: numberOf(dropped) } : {};
}

/** Sets and times alone: counts are sums over the index, so total and offset are exact. */
async function countedPage(filtered: FilteredLines, { start, limit }: PageQuery, head: RunHead): Promise<LinePage> {
  const total = await filtered.count(Number.POSITIVE_INFINITY);
  let offset = 0;
  let from = head.firstLine;
  if (start.kind === 'offset' || start.kind === 'tail') {
    offset = start.kind === 'offset' ? start.offset : Math.max(0, total - start.count);
    from = await filtered.lineOf(offset);
  } else {
    from = start.kind === 'after' ? start.line + 1 : await filtered.firstAt(start.timeUs);
    offset = await filtered.count(from);
  }
  const page = pageOf(start, limit);
  const lastSeen = seenAtLeast(await filtered.collect(from, page), from, head);
  if (page instanceof NewestLines) offset += page.droppedCount;
  return { lines: page.lines, total, offset, lastSeen, ...leftOut(page), head };
}

/** The page's place where lines that it began behind, or that retention took, count as seen. */
function seenAtLeast(lastSeen: number, from: number, head: RunHead): number {
  return Math.max(lastSeen, Math.min(from - 1, head.lastLine), head.firstLine - 1);
}

/** With text no count is known beforehand: lines are looked through, at most SCAN_LINES_MAX for one page. */
async function textPage(filtered: FilteredLines, { start, limit }: PageQuery, head: RunHead): Promise<LinePage> {
  if (start.kind === 'tail') {
    const { lines, after, newestFrom } = await filtered.collectLast(start.count);
    const lastSeen = seenAtLeast(filtered.lastLine, 0, head);
    const seenAfter = Math.max(after, head.firstLine - 1);
    return { lines, total: null, offset: null, lastSeen, seenAfter, newestFrom, head };
  }
  const skip = start.kind === 'offset' ? start.offset : 0;
  let from = head.firstLine;
  if (start.kind === 'after') from = start.line + 1;
  else if (start.kind === 'at') from = await filtered.firstAt(start.timeUs);
  const page = new PageRoom<Line>(limit);
  const lastSeen = seenAtLeast(await filtered.collect(from, page, skip), from, head);
  return { lines: page.lines, total: null, offset: null, lastSeen, head };
}
