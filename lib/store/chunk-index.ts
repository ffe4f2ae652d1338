import { setImmediate } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { CHUNK_INDEX_CACHE_BYTES } from '@/lib/config/limits';
import type { LineFilter } from '@/lib/protocol/filter';
import { matchesFacet } from '@/lib/protocol/filter-match';
import { type StoredFacet, storedFacetsSchema } from './chunk-codec';
import { facetKey, toFacet } from './chunk-decode';
import type { Sql } from './database';
import type { TaskRef } from './line-batch';
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

/** Between so many rows commits and live readers have their turn: the index of ten million lines takes 15 ms to take in. */
export const CHUNKS_PER_TURN = 256;

/** About what a summary and each of its facets take in memory. */
const SUMMARY_BYTES = 100;
const FACET_BYTES = 80;

interface Known {
  chunks: readonly ChunkSummary[];
  taskKeys: ReadonlySet<number>;
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
 * what is known stays true but for what the next read of the newest rows says. An index may show chunks that were joined meanwhile; their lines and
 * counts are the same. It has all lines that were stored when it was asked for.
 */
export class ChunkIndexReader {
  readonly #sql: Sql;
  readonly #tasks: TaskDirectory;
  readonly #known: LRUCache<number, Known>;
  /** First reads of whole indexes that are under way. */
  readonly #first = new Map<number, Promise<unknown>>();

  constructor(sql: Sql, tasks: TaskDirectory, cacheBytes = CHUNK_INDEX_CACHE_BYTES) {
    this.#sql = sql;
    this.#tasks = tasks;
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

  async #read(runKey: number, fromLine: number): Promise<Known> {
    // A crowd that opens a large run reads its index once, and then what has come since.
    for (let first = this.#first.get(runKey); first; first = this.#first.get(runKey)) await first.catch(() => {});
    const known = this.#known.get(runKey);
    if (known) return this.#renew(runKey, known);
    const read = this.#readRows(runKey, fromLine).then(({ chunks }) => ({ chunks, taskKeys: keysOf(chunks) }));
    if (fromLine > 1) return read;
    this.#first.set(runKey, read);
    try {
      const whole = await read;
      this.#keep(runKey, whole);
      return whole;
    } finally {
      this.#first.delete(runKey);
    }
  }

  /** What is known, without what was removed and with what has come or was joined since. */
  async #renew(runKey: number, known: Known): Promise<Known> {
    const last = known.chunks.at(-1);
    const { chunks, oldest } = await this.#readRows(runKey, last ? nextLineOf(last) : 1);
    const [first] = chunks;
    const isSame = chunks.length === 1 && first?.firstLine === last?.firstLine && first?.lineCount === last?.lineCount;
    if (isSame && known.chunks[0]?.firstLine === oldest) return known;
    const firstNew = first?.firstLine ?? 0;
    const stays = known.chunks.filter(({ firstLine }) => firstLine >= oldest && firstLine < firstNew);
    const newKeys = keysOf(chunks);
    const renewed: Known = {
      chunks: [...stays, ...chunks],
      taskKeys: [...newKeys].every((key) => known.taskKeys.has(key))
        ? known.taskKeys
        : new Set([...known.taskKeys, ...newKeys]),
    };
    this.#keep(runKey, renewed);
    return renewed;
  }

  #keep(runKey: number, known: Known): void {
    if (known.chunks.length > 0) this.#known.set(runKey, known);
    else this.#known.delete(runKey);
  }

  /** The chunk that holds a line, or the one before it where none does, and all behind it; `oldest`: where the run's first chunk begins. */
  async #readRows(runKey: number, line: number): Promise<{ chunks: ChunkSummary[]; oldest: number }> {
    const rows = await this.#sql<Row[]>`
      select first_line, line_count, min_at, max_at, facets, text_bytes,
        (select min(first_line) from log_chunks where run_key = ${runKey}) as oldest
      from log_chunks where run_key = ${runKey} and first_line >= coalesce(
        (select max(first_line) from log_chunks where run_key = ${runKey} and first_line <= ${line}), 0)
      order by first_line
    `;
    const chunks: ChunkSummary[] = [];
    for (const row of rows) {
      if (chunks.length % CHUNKS_PER_TURN === CHUNKS_PER_TURN - 1) await setImmediate();
      chunks.push({
        firstLine: row.first_line,
        lineCount: row.line_count,
        minUs: row.min_at,
        maxUs: row.max_at,
        facets: storedFacetsSchema.parse(row.facets),
        textBytes: row.text_bytes,
      });
    }
    return { chunks, oldest: rows[0]?.oldest ?? 0 };
  }
}

function nextLineOf({ firstLine, lineCount }: ChunkSummary): number {
  return firstLine + lineCount;
}

function keysOf(chunks: readonly ChunkSummary[]): Set<number> {
  const keys = new Set<number>();
  for (const { facets } of chunks) for (const [task] of facets) keys.add(task);
  return keys;
}

function sizeOf({ chunks, taskKeys }: Known): number {
  const facets = chunks.reduce((sum, chunk) => sum + chunk.facets.length, 0);
  return SUMMARY_BYTES * (1 + chunks.length) + FACET_BYTES * (facets + taskKeys.size);
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
