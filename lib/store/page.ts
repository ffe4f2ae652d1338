import { SCAN_LINES_MAX } from '@/lib/config/limits';
import { StratalError } from '@/lib/errors/stratal-error';
import type { LineFilter } from '@/lib/protocol/filter';
import { isUnfiltered, matchesLine } from '@/lib/protocol/filter-match';
import { type ChunkIndex, type ChunkSummary, countMatching, readChunkIndex } from './chunk-index';
import type { ChunkReader } from './chunk-reader';
import type { Sql } from './database';
import type { LineBatch } from './line-batch';
import { readRunHead } from './run-head';
import type { LinePage, PageQuery, RunHead, RunRef } from './store';
import type { TaskDirectory } from './task-directory';

export interface PageSource {
  sql: Sql;
  chunks: ChunkReader;
  tasks: TaskDirectory;
}

type Line = LinePage['lines'][number];

/** Lines that the run's head or index spoke of were not there any more when they were read. */
class LinesRemovedError extends Error {
  override readonly name = 'LinesRemovedError';
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
  const head = await readRunHead(source.sql, { key: query.run.key });
  if (!head) throw new StratalError('STRATAL_NO_RUN', `There is no job run ${query.run.id}.`);
  source.chunks.forget(head.key, head.firstLine);
  if (isUnfiltered(query.filter) && query.start.kind !== 'at') return plainPage(source, query, head);
  const index = await readChunkIndex(source.sql, source.tasks, query.run.key);
  const first = index.chunks[0]?.firstLine ?? head.lastLine + 1;
  if (first > head.firstLine) throw new LinesRemovedError(`run ${head.key} begins at ${first}, not ${head.firstLine}`);
  const filtered = new FilteredLines(source.chunks, query.run, query.filter, index);
  return query.filter.text ? textPage(filtered, query, head) : countedPage(filtered, query, head);
}

async function plainPage(source: PageSource, { run, start, limit }: PageQuery, head: RunHead): Promise<LinePage> {
  const total = head.lastLine - head.firstLine + 1;
  let first = head.firstLine;
  if (start.kind === 'offset') first = head.firstLine + start.offset;
  else if (start.kind === 'after') first = Math.max(head.firstLine, start.line + 1);
  else if (start.kind === 'tail') first = Math.max(head.firstLine, head.lastLine - start.count + 1);
  const last = Math.min(head.lastLine, first + limit - 1);
  const lines: Line[] = [];
  for (let line = first; line <= last; ) {
    const batch = await source.chunks.readBatch(run, line);
    if (batch?.firstLine !== line) throw new LinesRemovedError(`line ${line} of run ${run.key} is gone`);
    for (let index = 0; index < batch.count && batch.firstLine + index <= last; index++) lines.push({ batch, index });
    line = batch.lastLine + 1;
  }
  const lastSeen = Math.min(head.lastLine, lines.length > 0 ? last : Math.max(head.firstLine, first) - 1);
  return { lines, total, offset: first - head.firstLine, lastSeen, head };
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
  const { lines, lastSeen } = await filtered.collect(from, limit);
  return { lines, total, offset, lastSeen: seenAtLeast(lastSeen, from, head), head };
}

/** The page's place where lines that it began behind, or that retention took, count as seen. */
function seenAtLeast(lastSeen: number, from: number, head: RunHead): number {
  return Math.max(lastSeen, Math.min(from - 1, head.lastLine), head.firstLine - 1);
}

/** With text no count is known beforehand: lines are looked through, at most SCAN_LINES_MAX for one page. */
async function textPage(filtered: FilteredLines, { start, limit }: PageQuery, head: RunHead): Promise<LinePage> {
  if (start.kind === 'tail') {
    const { lines, after } = await filtered.collectLast(start.count);
    const lastSeen = seenAtLeast(filtered.lastLine, 0, head);
    return { lines, total: null, offset: null, lastSeen, seenAfter: Math.max(after, head.firstLine - 1), head };
  }
  const skip = start.kind === 'offset' ? start.offset : 0;
  let from = head.firstLine;
  if (start.kind === 'after') from = start.line + 1;
  else if (start.kind === 'at') from = await filtered.firstAt(start.timeUs);
  const { lines, lastSeen } = await filtered.collect(from, limit, skip);
  return { lines, total: null, offset: null, lastSeen: seenAtLeast(lastSeen, from, head), head };
}

/** The lines of a run that pass a filter, found chunk by chunk; chunks whose facets or times rule them out are not read. */
class FilteredLines {
  readonly #reader: ChunkReader;
  readonly #run: RunRef;
  readonly #filter: LineFilter;
  readonly #index: ChunkIndex;

  constructor(reader: ChunkReader, run: RunRef, filter: LineFilter, index: ChunkIndex) {
    this.#reader = reader;
    this.#run = run;
    this.#filter = filter;
    this.#index = index;
  }

  /** The newest line of the index; 0 where there is none. */
  get lastLine(): number {
    const last = this.#index.chunks.at(-1);
    return last ? last.firstLine + last.lineCount - 1 : 0;
  }

  /** Matching lines below a line number. Sets and times alone. */
  async count(below: number): Promise<number> {
    let lines = 0;
    for (const chunk of this.#index.chunks) {
      if (chunk.firstLine >= below) break;
      const whole =
        chunk.firstLine + chunk.lineCount <= below ? countMatching(chunk, this.#filter, this.#index.tasks) : 'scan';
      if (whole !== 'scan') lines += whole;
      else for (const line of await this.#matching(chunk)) if (numberOf(line) < below) lines++;
    }
    return lines;
  }

  /** The number of the n-th matching line, from 0; one after the last line where there are fewer. */
  async lineOf(offset: number): Promise<number> {
    let before = 0;
    for (const chunk of this.#index.chunks) {
      const whole = countMatching(chunk, this.#filter, this.#index.tasks);
      if (whole !== 'scan' && before + whole <= offset) {
        before += whole;
        continue;
      }
      const lines = await this.#matching(chunk);
      const line = lines[offset - before];
      if (line) return numberOf(line);
      before += lines.length;
    }
    return this.lastLine + 1;
  }

  /** The number of the first line, matching or not, that is as late as a time; one after the last line where none is. */
  async firstAt(timeUs: number): Promise<number> {
    for (const chunk of this.#index.chunks) {
      if (chunk.maxUs < timeUs) continue;
      for await (const { batch, end } of this.#batchesOf(chunk)) {
        for (let index = 0; index < end; index++) if (batch.timeUs(index) >= timeUs) return batch.firstLine + index;
      }
    }
    return this.lastLine + 1;
  }

  /** Up to `limit` matching lines from a line number on, after `skip` of them; `lastSeen` is the last line looked at. */
  async collect(from: number, limit: number, skip = 0): Promise<{ lines: Line[]; lastSeen: number }> {
    const lines: Line[] = [];
    let scanned = 0;
    let skipped = 0;
    let lastSeen = from - 1;
    for (const chunk of this.#index.chunks) {
      const end = chunk.firstLine + chunk.lineCount;
      if (end <= from) continue;
      if (scanned > SCAN_LINES_MAX) return { lines, lastSeen };
      if (countMatching(chunk, this.#filter, this.#index.tasks) !== 0) {
        scanned += chunk.lineCount;
        for (const line of await this.#matching(chunk)) {
          if (numberOf(line) < from || skipped++ < skip) continue;
          lines.push(line);
          if (lines.length === limit) return { lines, lastSeen: numberOf(line) };
        }
      }
      lastSeen = end - 1;
    }
    return { lines, lastSeen };
  }

  /**
   * The last `limit` matching lines, ascending, looking back at most SCAN_LINES_MAX lines: all matching ones after line
   * `after`.
   */
  async collectLast(limit: number): Promise<{ lines: Line[]; after: number }> {
    let lines: Line[] = [];
    let scanned = 0;
    let after = this.lastLine;
    for (const chunk of this.#index.chunks.toReversed()) {
      if (lines.length >= limit || scanned > SCAN_LINES_MAX) break;
      after = chunk.firstLine - 1;
      if (countMatching(chunk, this.#filter, this.#index.tasks) === 0) continue;
      scanned += chunk.lineCount;
      lines = [...(await this.#matching(chunk)), ...lines];
    }
    const dropped = lines.at(-limit - 1);
    return { lines: lines.slice(-limit), after: dropped ? numberOf(dropped) : after };
  }

  async #matching(chunk: ChunkSummary): Promise<Line[]> {
    const lines: Line[] = [];
    for await (const { batch, end } of this.#batchesOf(chunk)) {
      for (let index = 0; index < end; index++) {
        if (matchesLine(this.#filter, batch.facet(index), batch.timeUs(index), batch.message(index)))
          lines.push({ batch, index });
      }
    }
    return lines;
  }

  /** The batches that hold a chunk's lines; those of the chunk are the indexes below `end`. */
  async *#batchesOf(chunk: ChunkSummary): AsyncGenerator<{ batch: LineBatch; end: number }> {
    const after = chunk.firstLine + chunk.lineCount;
    for (let line = chunk.firstLine; line < after; ) {
      const batch = await this.#reader.readBatch(this.#run, line);
      if (batch?.firstLine !== line) throw new LinesRemovedError(`line ${line} of run ${this.#run.key} is gone`);
      yield { batch, end: Math.min(batch.count, after - batch.firstLine) };
      line = batch.lastLine + 1;
    }
  }
}

function numberOf({ batch, index }: Line): number {
  return batch.firstLine + index;
}
