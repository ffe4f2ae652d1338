import { setImmediate } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { CHUNK_INDEX_CACHE_BYTES } from '@/lib/config/limits';
import type { LineFilter } from '@/lib/protocol/filter';
import { matchesFacet } from '@/lib/protocol/filter-match';
import { TASKS_OF_RUN_MAX } from '@/lib/protocol/limits';
import { type StoredFacet, storedFacetsSchema } from './chunk-codec';
import { facetKey, toFacet } from './chunk-decode';
import type { Sql } from './database';
import type { TaskRef } from './line-batch';
import { type ChunkSize, planMerges } from './merge-plan';
import { toStoreError } from './store-error';
import type { TaskDirectory } from './task-directory';

/** What a run's chunks hold, without their lines. */
export interface ChunkSummary {
  firstLine: number;
  lineCount: number;
  minUs: number;
  maxUs: number;
  facets: StoredFacet[];
  /** UTF-8 bytes of texts and attributes. */
  textBytes: number;
}

/** The chunks of a run by rising line, with the tasks that they name: one read of the index, no text. */
export interface ChunkIndex {
  chunks: readonly ChunkSummary[];
  tasks: Map<number, TaskRef>;
}

/** Between so many chunks and facets commits and live readers have their turn: the index of ten million lines takes 15 ms to take in. */
const WORK_PER_TURN = 2048;

/** Tells who goes through an index when others have to have their turn. */
export class IndexTurns {
  #work = 0;

  /** True where a turn is over with this chunk. */
  isOverWith({ facets }: Pick<ChunkSummary, 'facets'>): boolean {
    this.#work += 1 + facets.length;
    if (this.#work < WORK_PER_TURN) return false;
    this.#work = 0;
    return true;
  }
}

/** About what a summary and each of its facets take in memory. */
const SUMMARY_BYTES = 150;
const FACET_BYTES = 80;

/** Retention may make a run's index smaller again. */
const TOO_LARGE_MS = 60_000;

interface Known {
  chunks: readonly ChunkSummary[];
  taskKeys: ReadonlySet<number>;
  /** Chunks from this line on may be joined yet. */
  openFrom: number;
}

/** What one statement found: a run's chunks from some line on. */
interface Read {
  chunks: ChunkSummary[];
  taskKeys: Set<number>;
  /** Where the run's first chunk begins; 0 where it has none. */
  oldest: number;
}

interface Row {
  first_line: number;
  line_count: number;
  min_at: number;
  max_at: number;
  facets: unknown;
  text_bytes: number;
  oldest: number;
}

/**
 * Reads the chunk indexes of runs and keeps them in a bounded cache. Lines never change, and chunks are only joined or removed whole, oldest first: so
 * what is known stays true but for what the next read says of where the run begins, and of the chunks that are new or may have been joined. An index
 * has all lines that were stored when it was asked for.
 */
export class ChunkIndexReader {
  readonly #sql: Sql;
  readonly #tasks: TaskDirectory;
  readonly #known: LRUCache<number, Known>;
  readonly #cacheBytes: number;
  /** Runs whose index was found too large to be kept, a while ago. */
  readonly #tooLarge = new LRUCache<number, true>({ max: 1000, ttl: TOO_LARGE_MS });
  /** First reads of whole indexes that are under way. */
  readonly #first = new Map<number, Promise<unknown>>();

  constructor(sql: Sql, tasks: TaskDirectory, cacheBytes = CHUNK_INDEX_CACHE_BYTES) {
    this.#sql = sql;
    this.#tasks = tasks;
    this.#cacheBytes = cacheBytes;
    this.#known = new LRUCache({ maxSize: cacheBytes, sizeCalculation: sizeOf });
  }

  /** The run's chunks that hold lines from `fromLine` on. */
  async read(runKey: number, fromLine = 1): Promise<ChunkIndex> {
    try {
      const { chunks, taskKeys } = await this.#read(runKey, fromLine);
      return {
        chunks: fromLine > 1 ? chunks.filter((chunk) => nextLineOf(chunk) > fromLine) : chunks,
        tasks: await this.#tasks.lookUp(taskKeys),
      };
    } catch (error) {
      throw toStoreError(error);
    }
  }

  /** Whether a run's index is small enough to be kept; a run of very many tasks in each chunk may have a gigabyte of it. */
  async isKept(runKey: number): Promise<boolean> {
    if (this.#known.has(runKey)) return true;
    if (this.#tooLarge.has(runKey)) return false;
    const [row] = await this.#sql<Array<{ chunks: number; facets: number }>>`
      select count(*) as chunks, coalesce(sum(jsonb_array_length(facets)), 0)::bigint as facets
      from log_chunks where run_key = ${runKey}
    `;
    const isKept = row !== undefined && bytesOf(row.chunks, row.facets + TASKS_OF_RUN_MAX) <= this.#cacheBytes;
    if (!isKept) this.#tooLarge.set(runKey, true);
    return isKept;
  }

  async #read(runKey: number, fromLine: number): Promise<Pick<Known, 'chunks' | 'taskKeys'>> {
    // A crowd that opens a large run reads its index once, and then what has come since; one that is too large to be kept each after the other.
    for (let first = this.#first.get(runKey); first; first = this.#first.get(runKey)) await first;
    const known = this.#known.get(runKey);
    if (known) return this.#renew(runKey, known);
    const read = this.#readRows(runKey, fromLine);
    if (fromLine === 1) this.#first.set(runKey, read);
    try {
      const { chunks, taskKeys, oldest } = await read;
      if (chunks[0]?.firstLine === oldest) this.#keep(runKey, chunks, taskKeys);
      return { chunks, taskKeys };
    } finally {
      if (fromLine === 1) this.#first.delete(runKey);
    }
  }

  /** What is known, without what was removed and with what has come or was joined since. */
  async #renew(runKey: number, known: Known): Promise<Pick<Known, 'chunks' | 'taskKeys'>> {
    const { chunks, taskKeys, oldest } = await this.#readRows(runKey, known.openFrom);
    const [first] = chunks;
    if (!first) {
      this.#known.delete(runKey);
      return { chunks, taskKeys };
    }
    if (known.chunks[0]?.firstLine === oldest && endsWith(known.chunks, chunks)) return known;
    const stays = known.chunks.filter(({ firstLine }) => firstLine >= oldest && firstLine < first.firstLine);
    const lastStay = stays.at(-1);
    const fits = lastStay ? nextLineOf(lastStay) === first.firstLine : first.firstLine === oldest;
    if (!fits || (stays[0] ?? first).firstLine !== oldest) {
      // The database has another history than the one that was read: it was put back, or a copy that lacks some of it took over.
      this.#known.delete(runKey);
      return this.#read(runKey, 1);
    }
    for (const key of known.taskKeys) taskKeys.add(key);
    // Of those that stay only the last can be joined yet, to what is new.
    return this.#keep(runKey, [...stays, ...chunks], taskKeys, Math.max(0, stays.length - 1));
  }

  /** `settled`: so many of the first chunks are not joined any more. */
  #keep(runKey: number, chunks: ChunkSummary[], taskKeys: Set<number>, settled = 0): Known {
    const [open] = planMerges(chunks.slice(settled).map(toSize), 2);
    const last = chunks.at(-1);
    const known: Known = { chunks, taskKeys, openFrom: open?.firstLine ?? (last ? nextLineOf(last) : 1) };
    this.#known.set(runKey, known);
    return known;
  }

  /** The chunk that holds a line, or the one before it where none does, and all behind it. */
  async #readRows(runKey: number, line: number): Promise<Read> {
    const rows = await this.#sql<Row[]>`
      select first_line, line_count, min_at, max_at, facets, text_bytes,
        (select min(first_line) from log_chunks where run_key = ${runKey}) as oldest
      from log_chunks where run_key = ${runKey} and first_line >= coalesce(
        (select max(first_line) from log_chunks where run_key = ${runKey} and first_line <= ${line}), 0)
      order by first_line
    `;
    const chunks: ChunkSummary[] = [];
    const taskKeys = new Set<number>();
    const turns = new IndexTurns();
    for (const row of rows) {
      // An array that is written as such has room for its elements alone; one that is filled has more.
      const facets = storedFacetsSchema
        .parse(row.facets)
        .map(([task, stream, level, lines]): StoredFacet => [task, stream, level, lines]);
      const chunk = {
        firstLine: row.first_line,
        lineCount: row.line_count,
        minUs: row.min_at,
        maxUs: row.max_at,
        facets,
        textBytes: row.text_bytes,
      };
      chunks.push(chunk);
      for (const [task] of facets) taskKeys.add(task);
      if (turns.isOverWith(chunk)) await setImmediate();
    }
    return { chunks, taskKeys, oldest: rows[0]?.oldest ?? 0 };
  }
}

/** Whether these are the last of the known chunks. */
function endsWith(known: readonly ChunkSummary[], chunks: readonly ChunkSummary[]): boolean {
  const from = known.length - chunks.length;
  return chunks.every((chunk, place) => {
    const same = known[from + place];
    return (
      same?.firstLine === chunk.firstLine &&
      same.lineCount === chunk.lineCount &&
      same.minUs === chunk.minUs &&
      same.maxUs === chunk.maxUs &&
      same.textBytes === chunk.textBytes
    );
  });
}

function nextLineOf({ firstLine, lineCount }: ChunkSummary): number {
  return firstLine + lineCount;
}

function toSize({ firstLine, lineCount, textBytes }: ChunkSummary): ChunkSize {
  return { first_line: firstLine, line_count: lineCount, text_bytes: textBytes };
}

function sizeOf({ chunks, taskKeys }: Known): number {
  return (
    bytesOf(
      chunks.length,
      chunks.reduce((sum, chunk) => sum + chunk.facets.length, 0),
    ) +
    FACET_BYTES * taskKeys.size
  );
}

function bytesOf(chunks: number, facets: number): number {
  return SUMMARY_BYTES * (1 + chunks) + FACET_BYTES * facets;
}

/** Whether lines of a stored facet pass a filter's sets. The facets of a run's chunks are mostly the same few, each of which is judged once. */
export type FacetMatcher = (stored: StoredFacet) => boolean;

export function facetMatcher(filter: LineFilter, tasks: ReadonlyMap<number, TaskRef>): FacetMatcher {
  const judged = new Map<number, boolean>();
  return (stored) => {
    const key = facetKey(stored);
    let passes = judged.get(key);
    if (passes === undefined) {
      passes = matchesFacet(filter, toFacet(stored, tasks));
      judged.set(key, passes);
    }
    return passes;
  };
}

/** How many lines of a chunk pass the sets and times: a number, or `scan` where its times straddle a bound. */
export function countMatching(chunk: ChunkSummary, filter: LineFilter, matches: FacetMatcher): number | 'scan' {
  const { fromUs = 0, toUs = Number.POSITIVE_INFINITY } = filter;
  if (chunk.maxUs < fromUs || chunk.minUs >= toUs) return 0;
  let lines = 0;
  for (const stored of chunk.facets) if (matches(stored)) lines += stored[3];
  if (lines === 0) return 0;
  return chunk.minUs >= fromUs && chunk.maxUs < toUs ? lines : 'scan';
}
