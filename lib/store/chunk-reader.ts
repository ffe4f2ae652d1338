import { setImmediate } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { CHUNK_BYTES_MAX, CHUNK_CACHE_BYTES } from '@/lib/config/limits';
import { storedFacetsSchema } from './chunk-codec';
import { decodeChunk } from './chunk-decode';
import type { Sql } from './database';
import { joinColumns } from './join-columns';
import { batchBytes, LineBatch } from './line-batch';
import type { RunRef } from './store';
import { toStoreError } from './store-error';
import { stringBytes } from './stored-texts';
import type { TaskDirectory } from './task-directory';

/** Small chunks that were not merged yet are read together, up to these bounds and CHUNK_BYTES_MAX. */
const READ_CHUNKS_MAX = 64;
const READ_LINES_TARGET = 1000;

interface ChunkRow {
  first_line: number;
  line_count: number;
  min_at: number;
  facets: unknown;
  text_bytes: number;
  codec: number;
  attrs: Buffer;
  body: Buffer;
}

/**
 * Reads stored lines as batches. All readers share one bounded cache, and one read per run is under way at a time: whoever comes
 * meanwhile waits for it and mostly finds what it wants, so a crowd that resumes costs one read of each chunk.
 */
export class ChunkReader {
  readonly #sql: Sql;
  readonly #tasks: TaskDirectory;
  readonly #cache: LRUCache<string, LineBatch>;
  /** The cached batches of a run, by rising first line. */
  readonly #byRun = new Map<number, LineBatch[]>();
  readonly #inFlight = new Map<number, Promise<LineBatch | undefined>>();

  constructor(sql: Sql, tasks: TaskDirectory, cacheBytes = CHUNK_CACHE_BYTES) {
    this.#sql = sql;
    this.#tasks = tasks;
    this.#cache = new LRUCache<string, LineBatch>({
      maxSize: cacheBytes,
      sizeCalculation: (batch) => Math.max(1, batch.sizeBytes),
      dispose: (batch) => this.#unlist(batch),
    });
  }

  /** The stored lines from `line` on: at least one, at most those of one read; undefined where there is none. */
  async readBatch(run: RunRef, line: number): Promise<LineBatch | undefined> {
    const batch = await this.sharedBatch(run, line);
    return batch?.slice(Math.max(0, line - batch.firstLine), batch.count);
  }

  /**
   * The same lines in the batch that all readers share, with those before `line` in it. What is encoded from it is shared too, where a
   * cut of its own would be encoded for each reader again.
   */
  async sharedBatch(run: RunRef, line: number): Promise<LineBatch | undefined> {
    for (;;) {
      const cached = this.#find(run.key, line);
      if (cached) {
        // Who looks through a whole run would otherwise do so in one turn of the event loop, with everyone else waiting.
        await setImmediate();
        return cached;
      }
      const before = this.#inFlight.get(run.key);
      if (!before) break;
      await before.catch(() => undefined);
    }
    const read = this.#read(run, line).finally(() => this.#inFlight.delete(run.key));
    this.#inFlight.set(run.key, read);
    return read;
  }

  /** Forgets the batches of a deleted run, or those of a shortened one that begin below its first line. */
  forget(runKey: number, firstLine = Number.POSITIVE_INFINITY): void {
    const gone = this.#byRun.get(runKey)?.filter((batch) => batch.firstLine < firstLine);
    for (const batch of gone ?? []) this.#cache.delete(cacheKey(batch));
  }

  async #read(run: RunRef, line: number): Promise<LineBatch | undefined> {
    let rows: ChunkRow[];
    try {
      rows = await this.#sql<ChunkRow[]>`
        select first_line, line_count, min_at, facets, text_bytes, codec, attrs, body from (
          select *, sum(line_count) over (order by first_line) - line_count as lines_before,
            sum(text_bytes) over (order by first_line) as bytes_through
          from (
            select * from log_chunks
            where run_key = ${run.key} and first_line >= coalesce(
              (select max(first_line) from log_chunks where run_key = ${run.key} and first_line <= ${line}), ${line})
            order by first_line limit ${READ_CHUNKS_MAX}
          ) as near
        ) as counted
        where lines_before = 0 or (lines_before < ${READ_LINES_TARGET} and bytes_through <= ${CHUNK_BYTES_MAX})
        order by first_line
      `;
    } catch (error) {
      throw toStoreError(error);
    }
    const wanted = rows.filter((row) => row.first_line + row.line_count > line);
    if (wanted.length === 0) return undefined;
    const batch = await this.#toBatch(run, wanted);
    this.#cache.set(cacheKey(batch), batch);
    // A batch over the cache's bound is not kept.
    if (this.#cache.has(cacheKey(batch))) this.#list(batch);
    return batch;
  }

  async #toBatch(run: RunRef, rows: ChunkRow[]): Promise<LineBatch> {
    const chunks = rows.map((row) => ({
      lineCount: row.line_count,
      minUs: row.min_at,
      facets: storedFacetsSchema.parse(row.facets),
      textBytes: row.text_bytes,
      codec: row.codec,
      attrs: row.attrs,
      body: row.body,
    }));
    const tasks = await this.#tasks.lookUp(chunks.flatMap((chunk) => chunk.facets.map(([task]) => task)));
    const columns = joinColumns(await Promise.all(chunks.map((chunk) => decodeChunk(chunk, tasks))));
    const textBytes = rows.reduce((sum, row) => sum + row.text_bytes, 0);
    return new LineBatch(
      run,
      rows[0]?.first_line ?? 1,
      columns,
      batchBytes(textBytes + stringBytes(textBytes), columns.message.length),
    );
  }

  #find(runKey: number, line: number): LineBatch | undefined {
    const batches = this.#byRun.get(runKey);
    if (!batches) return undefined;
    let low = 0;
    let high = batches.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const batch = batches[middle];
      if (!batch) return undefined;
      if (line < batch.firstLine) high = middle - 1;
      else if (line > batch.lastLine) low = middle + 1;
      else return this.#cache.get(cacheKey(batch));
    }
    return undefined;
  }

  /** Batches of a run may overlap (a merge, a longer read of the same start): the newer one replaces those it covers. */
  #list(batch: LineBatch): void {
    const batches = this.#byRun.get(batch.runKey) ?? [];
    for (const other of batches.filter((b) => b.firstLine <= batch.lastLine && b.lastLine >= batch.firstLine)) {
      if (other !== batch) this.#cache.delete(cacheKey(other));
    }
    const rest = (this.#byRun.get(batch.runKey) ?? []).filter((other) => other !== batch);
    const at = rest.findIndex((other) => other.firstLine > batch.firstLine);
    rest.splice(at < 0 ? rest.length : at, 0, batch);
    this.#byRun.set(batch.runKey, rest);
  }

  #unlist(batch: LineBatch): void {
    const rest = (this.#byRun.get(batch.runKey) ?? []).filter((other) => other !== batch);
    if (rest.length === 0) this.#byRun.delete(batch.runKey);
    else this.#byRun.set(batch.runKey, rest);
  }
}

function cacheKey(batch: LineBatch): string {
  return `${batch.runKey}:${batch.firstLine}:${batch.count}`;
}
