import type { Sql } from './database';

/** Less than this is left to autovacuum, which comes by at most once a minute. */
const FREED_BYTES_MIN = 1024 * 1024;
/** What part of the table has to be free to make a vacuum worthwhile: it looks at every page that changed, and at the whole index. */
const FREED_SHARE_MIN = 0.05;

/**
 * Gives the room of chunks that merging replaced to the lines that come next. Autovacuum waits for a fifth of the table and up to a
 * minute, in which an ingest at full speed makes the files three times as large as what they keep.
 */
export class FreedRoom {
  readonly #sql: Sql;
  readonly #onError: (error: unknown) => void;
  #bytes = 0;
  #isStopped = false;
  /** The vacuum that is under way, and its query once that has begun. */
  #vacuum: Promise<void> | undefined;
  #query: { cancel: () => void } | undefined;

  constructor(sql: Sql, onError: (error: unknown) => void) {
    this.#sql = sql;
    this.#onError = onError;
  }

  /** Notes stored bytes of chunks that are gone, and begins to vacuum where enough has gathered and no vacuum is under way. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < FREED_BYTES_MIN || this.#vacuum || this.#isStopped) return;
    this.#vacuum = this.#reuse()
      .catch((error: unknown) => {
        if (!this.#isStopped) this.#onError(error);
      })
      .finally(() => {
        this.#query = undefined;
        this.#vacuum = undefined;
      });
  }

  /** Resolves when no vacuum is under way. */
  async settled(): Promise<void> {
    await this.#vacuum;
  }

  /** Ends a vacuum that is under way, and begins no other. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#query?.cancel();
    await this.settled();
  }

  async #reuse(): Promise<void> {
    const [size] = await this.#sql<Array<{ bytes: number }>>`
      select pg_total_relation_size('log_chunks')::float8 as bytes
    `;
    if (this.#isStopped || this.#bytes < (size?.bytes ?? 0) * FREED_SHARE_MIN) return;
    this.#bytes = 0;
    // It neither waits for another vacuum nor, as it does not truncate, takes a lock that appends or readers meet.
    const query = this.#sql`vacuum (skip_locked, truncate off) log_chunks`;
    this.#query = query;
    await query;
  }
}
