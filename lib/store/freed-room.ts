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
  #bytes = 0;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /**
   * Notes stored bytes of chunks that are gone, and vacuums where enough has gathered. Neither waits for another vacuum nor takes a lock
   * that appends or readers meet. True where it vacuumed.
   */
  async add(bytes: number): Promise<boolean> {
    this.#bytes += bytes;
    if (this.#bytes < FREED_BYTES_MIN) return false;
    const [size] = await this.#sql<Array<{ bytes: number }>>`
      select pg_total_relation_size('log_chunks')::float8 as bytes
    `;
    if (this.#bytes < (size?.bytes ?? 0) * FREED_SHARE_MIN) return false;
    this.#bytes = 0;
    // Truncating takes an exclusive lock for a moment: that is left to autovacuum too.
    await this.#sql`vacuum (skip_locked, truncate off) log_chunks`;
    return true;
  }
}
