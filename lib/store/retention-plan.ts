import { z } from 'zod';
import type { Sql } from './database';

/** Lines of a run that are to go: all chunks that end below `before`. */
export interface LinesToRemove {
  runKey: number;
  before: number;
}

const rowSchema = z.object({ run_key: z.number(), before: z.number() });
const ENDED = ['completed', 'failed', 'canceled', 'lost'];

function toLines(rows: readonly unknown[]): LinesToRemove[] {
  return rows.map((row) => {
    const { run_key: runKey, before } = rowSchema.parse(row);
    return { runKey, before };
  });
}

/** All lines of runs that ended longer ago than an age, oldest first. No run goes before it has been here for that age. */
export async function findOldRuns(sql: Sql, ageUs: number): Promise<LinesToRemove[]> {
  const rows = await sql`
    select key as run_key, last_line + 1 as before from job_runs
    where status = any(${ENDED}) and not pinned
      and greatest(coalesce(finished_at, created_at), created_at) < stratal_now() - ${ageUs}::bigint
    order by coalesce(finished_at, created_at), key
  `;
  return toLines(rows);
}

/**
 * The old lines of runs that go on: from the start those chunks whose newest line is older than an age, of runs that have been here for
 * that age, so that lines which are sent with old times stay for it too.
 */
export async function findOldLines(sql: Sql, ageUs: number): Promise<LinesToRemove[]> {
  const rows = await sql`
    select run_key, max(first_line + line_count) as before from (
      select c.run_key, c.first_line, c.line_count, max(c.max_at) over (partition by c.run_key order by c.first_line) as newest
      from log_chunks c join job_runs r on r.key = c.run_key
      where r.status <> all(${ENDED}) and not r.pinned and r.created_at < stratal_now() - ${ageUs}::bigint
    ) as chunks
    where newest < stratal_now() - ${ageUs}::bigint group by run_key
  `;
  return toLines(rows);
}

/** What runs have above a number of lines. Whole chunks go, so at least so many lines stay. */
export async function findLongRuns(sql: Sql, linesMax: number): Promise<LinesToRemove[]> {
  const rows = await sql`
    select key as run_key, last_line + 1 - ${linesMax}::bigint as before from job_runs
    where not pinned and last_line - first_line + 1 > ${linesMax}::bigint
  `;
  return toLines(rows);
}

/** By how many bytes all chunks together, compressed as they are stored, are over a bound; 0 or less where they are not. */
export async function findExcessBytes(sql: Sql, bytesMax: number): Promise<number> {
  // The table with its index and free space is never smaller than what its chunks hold: mostly they need not be added up.
  const [table] = await sql<Array<{ bytes: number }>>`select pg_total_relation_size('log_chunks') as bytes`;
  if (table && table.bytes <= bytesMax) return 0;
  const [chunks] = await sql<Array<{ bytes: number }>>`
    select coalesce(sum(octet_length(attrs) + octet_length(body)), 0)::bigint as bytes from log_chunks
  `;
  return (chunks?.bytes ?? 0) - bytesMax;
}

/** All lines of the runs that ended first, as many runs as hold the bytes. */
export async function findOldestRuns(sql: Sql, bytes: number): Promise<LinesToRemove[]> {
  const rows = await sql`
    select run_key, before from (
      select r.key as run_key, r.last_line + 1 as before,
        sum(s.bytes) over (order by coalesce(r.finished_at, r.created_at), r.key) - s.bytes as bytes_before
      from job_runs r join (
        select run_key, sum(octet_length(attrs) + octet_length(body)) as bytes from log_chunks group by run_key
      ) as s on s.run_key = r.key
      where r.status = any(${ENDED}) and not r.pinned
    ) as runs
    where bytes_before < ${bytes}::bigint order by bytes_before
  `;
  return toLines(rows);
}

/** The oldest lines of runs that go on, as many chunks as hold the bytes; each run keeps its newest chunk. */
export async function findOldestLines(sql: Sql, bytes: number): Promise<LinesToRemove[]> {
  const rows = await sql`
    select run_key, max(first_line + line_count) as before from (
      select run_key, first_line, line_count, sum(bytes) over (order by newest, run_key, first_line) - bytes as bytes_before from (
        select c.run_key, c.first_line, c.line_count, octet_length(c.attrs) + octet_length(c.body) as bytes,
          max(c.max_at) over (partition by c.run_key order by c.first_line) as newest,
          lead(c.first_line) over (partition by c.run_key order by c.first_line) as following
        from log_chunks c join job_runs r on r.key = c.run_key
        where r.status <> all(${ENDED}) and not r.pinned
      ) as chunks
      where following is not null
    ) as counted
    where bytes_before < ${bytes}::bigint group by run_key
  `;
  return toLines(rows);
}

/**
 * Ended runs that lost all their lines, or are older than an age and never had any, once the journal knows nothing more of them: global
 * streams that are behind were told of the lines that went.
 */
export async function findEmptiedRuns(sql: Sql, ageUs: number | undefined): Promise<number[]> {
  const isOld =
    ageUs === undefined
      ? sql`false`
      : sql`greatest(coalesce(finished_at, created_at), created_at) < stratal_now() - ${ageUs}::bigint`;
  const rows = await sql<Array<{ key: number }>>`
    select key from job_runs r where status = any(${ENDED}) and not pinned and first_line > last_line
      and (first_line > 1 or ${isOld}) and not exists (select from log_appends a where a.run_key = r.key)
  `;
  return rows.map(({ key }) => key);
}
