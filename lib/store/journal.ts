import { z } from 'zod';
import { statusSchema } from '@/lib/protocol/run';
import type { Sql } from './database';
import { runEndSchema, toRunEnd } from './run-end';
import type { JournalEntry, JournalHead } from './store';
import { toStoreError } from './store-error';

const rowSchema = z.object({
  position: z.number(),
  key: z.number(),
  id: z.string(),
  first_line: z.number(),
  line_count: z.number(),
  at: z.number(),
  status: statusSchema,
  run_end: runEndSchema.nullable(),
});

/** Entries after a position, ascending, at most `limit`. Entries of deleted runs are left out. */
export async function readJournal(sql: Sql, afterPosition: number, limit: number): Promise<JournalEntry[]> {
  try {
    const rows = await sql`
      select a.position, r.key, r.id, a.first_line, a.line_count, a.at, a.status, a.run_end
      from log_appends a join job_runs r on r.key = a.run_key
      where a.position > ${afterPosition} order by a.position limit ${limit}
    `;
    return rows.map((row) => {
      const entry = rowSchema.parse(row);
      return {
        position: entry.position,
        key: entry.key,
        id: entry.id,
        firstLine: entry.first_line,
        lineCount: entry.line_count,
        atUs: entry.at,
        status: entry.status,
        end: entry.run_end ? toRunEnd(entry.run_end) : undefined,
      };
    });
  } catch (error) {
    throw toStoreError(error);
  }
}

/** The newest committed position and how far the journal was trimmed. */
export async function readJournalHead(sql: Sql): Promise<JournalHead> {
  try {
    const [row] = await sql<Array<{ position: number; trimmed: number }>>`
      select trimmed_through as trimmed, coalesce((select max(position) from log_appends), trimmed_through) as position from store_meta
    `;
    return { position: row?.position ?? 0, trimmedThrough: row?.trimmed ?? 0 };
  } catch (error) {
    throw toStoreError(error);
  }
}

/**
 * Removes entries older than an age with all before them, but never the newest, and producers not seen for theirs. Returns the entries
 * removed. Both were dated by Postgres' clock, so it is that clock which judges their age; where it was set back, entries before an old
 * one can have later times, and are older all the same. What went is noted, so that a check knows what it may miss.
 */
export async function trimJournal(sql: Sql, ageMs: number, producersAgeMs: number): Promise<number> {
  const [row] = await sql<Array<{ trimmed: number }>>`
    with through as (
      select max(position) as position from log_appends
      where at < stratal_now() - ${ageMs * 1000}::bigint and position < (select max(position) from log_appends)
    ), gone as (
      delete from log_appends using through where log_appends.position <= through.position returning at, run_key
    ), noted as (
      update store_meta set trimmed_through = greatest(trimmed_through, through.position),
        trimmed_until = greatest(trimmed_until, went.until), trimmed_run = greatest(trimmed_run, went.run)
      from through, (select max(at) as until, max(run_key) as run from gone) as went where through.position is not null
    )
    select count(*)::int as trimmed from gone
  `;
  await sql`delete from producers where last_seen < stratal_now() - ${producersAgeMs * 1000}::bigint`;
  return row?.trimmed ?? 0;
}
