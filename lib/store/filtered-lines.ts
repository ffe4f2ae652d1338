import { SCAN_LINES_MAX } from '@/lib/config/limits';
import { matchingTurns } from '@/lib/config/matching-turns';
import type { LineFilter } from '@/lib/protocol/filter';
import { matchesLine } from '@/lib/protocol/filter-match';
import { type NewestLines, PageRoom } from '@/lib/protocol/page-room';
import { type ChunkIndex, type ChunkSummary, countMatching, type FacetMatcher, facetMatcher } from './chunk-index';
import type { ChunkReader } from './chunk-reader';
import type { LineBatch } from './line-batch';
import type { LinePage, PageQuery, RunRef } from './store';

export type Line = LinePage['lines'][number];

/** Lines that the run's head or index spoke of were not there any more when they were read. */
export class LinesRemovedError extends Error {
  override readonly name = 'LinesRemovedError';
}

/** The lines of a run that pass a filter, found chunk by chunk; chunks whose facets or times rule them out are not read. */
export class FilteredLines {
  readonly #reader: ChunkReader;
  readonly #run: RunRef;
  readonly #filter: LineFilter;
  readonly #signal: AbortSignal | undefined;
  readonly #index: ChunkIndex;
  readonly #matches: FacetMatcher;

  constructor(reader: ChunkReader, { run, filter, signal }: PageQuery, index: ChunkIndex) {
    this.#reader = reader;
    this.#run = run;
    this.#filter = filter;
    this.#signal = signal;
    this.#index = index;
    this.#matches = facetMatcher(filter, index.tasks);
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
        chunk.firstLine + chunk.lineCount <= below ? countMatching(chunk, this.#filter, this.#matches) : 'scan';
      if (whole !== 'scan') lines += whole;
      else for (const line of await this.#matching(chunk)) if (numberOf(line) < below) lines++;
    }
    return lines;
  }

  /** The number of the n-th matching line, from 0; one after the last line where there are fewer. */
  async lineOf(offset: number): Promise<number> {
    let before = 0;
    for (const chunk of this.#index.chunks) {
      const whole = countMatching(chunk, this.#filter, this.#matches);
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

  /** Adds matching lines from a line number on to a page while it has room, after `skip` of them; returns the last line looked at. */
  async collect(from: number, page: PageRoom<Line> | NewestLines<Line>, skip = 0): Promise<number> {
    let scanned = 0;
    let skipped = 0;
    let lastSeen = from - 1;
    for (const chunk of this.#index.chunks) {
      const end = chunk.firstLine + chunk.lineCount;
      if (end <= from) continue;
      if (scanned > SCAN_LINES_MAX) return lastSeen;
      if (countMatching(chunk, this.#filter, this.#matches) !== 0) {
        scanned += chunk.lineCount;
        for (const line of await this.#matching(chunk)) {
          if (numberOf(line) < from || skipped++ < skip) continue;
          if (!page.add(line)) return numberOf(line) - 1;
          if (page.isFull) return numberOf(line);
        }
      }
      lastSeen = end - 1;
    }
    return lastSeen;
  }

  /**
   * The last `limit` matching lines, ascending, looking back at most SCAN_LINES_MAX lines; of long ones those for which a page has room. They are all
   * matching ones after line `after`. `newestFrom`: the first of the `limit` lines, whether there was room or not.
   */
  async collectLast(limit: number): Promise<{ lines: Line[]; after: number; newestFrom: number | undefined }> {
    const page = new PageRoom<Line>(limit);
    let found = 0;
    let scanned = 0;
    let after = this.lastLine;
    let newestFrom: number | undefined;
    let noRoomFor: number | undefined;
    for (const chunk of this.#index.chunks.toReversed()) {
      if (found >= limit || scanned > SCAN_LINES_MAX) break;
      after = chunk.firstLine - 1;
      if (countMatching(chunk, this.#filter, this.#matches) === 0) continue;
      scanned += chunk.lineCount;
      for (const line of (await this.#matching(chunk)).toReversed()) {
        if (found === limit) {
          after = numberOf(line);
          break;
        }
        found += 1;
        newestFrom = numberOf(line);
        if (noRoomFor === undefined && !page.add(line)) noRoomFor = newestFrom;
      }
    }
    return { lines: page.lines.toReversed(), after: noRoomFor ?? after, newestFrom };
  }

  /** Those of a chunk. Where text is matched others get their turn in between. */
  async #matching(chunk: ChunkSummary): Promise<Line[]> {
    const isText = this.#filter.text !== undefined;
    const lines: Line[] = [];
    for await (const { batch, end } of this.#batchesOf(chunk)) {
      this.#signal?.throwIfAborted();
      for (let index = 0; index < end; index++) {
        if (isText && matchingTurns.isOver) await this.#pause();
        if (matchesLine(this.#filter, batch.facet(index), batch.timeUs(index), batch.message(index)))
          lines.push({ batch, index });
      }
    }
    return lines;
  }

  /** Waits for time to match; nobody matches for a reader who has left. */
  async #pause(): Promise<void> {
    while (matchingTurns.isOver) await matchingTurns.pause();
    this.#signal?.throwIfAborted();
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

/** A line's number in its run. */
export function numberOf({ batch, index }: Line): number {
  return batch.firstLine + index;
}
