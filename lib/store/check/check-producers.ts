import { z } from 'zod';
import type { Sql } from '@/lib/store/database';
import type { Report } from './finding';

/** A producer that was seen later than this from now was written with another clock. */
const CLOCK_MARGIN_US = 24 * 3_600_000_000;

/**
 * Compares producers with what was stored. A row says only how many lines its source has sent and when it sent the newest, so: no producer,
 * nor all together, can have sent more lines than were ever stored, and at that time there was an append. How many were stored is known while
 * nothing of the journal was trimmed or no run was deleted; the appends are known that are later than all that was trimmed.
 */
export async function checkProducers(sql: Sql, report: Report): Promise<void> {
  const rows = sql`
    with stored as (
      select case
        when m.trimmed_through = 0 then (select coalesce(sum(line_count), 0) from log_appends)
        when (select count(*) from job_runs) = (select case when is_called then last_value else 0 end from job_runs_key_seq)
          then (select coalesce(sum(last_line), 0) from job_runs)
      end::bigint as lines
      from store_meta m
    ), told as (
      select source, next_position, last_seen, stratal_now() as now, (select lines from stored) as stored,
        last_seen > (select trimmed_until from store_meta)
          and not exists (select from log_appends a where a.at = last_seen) as is_unknown,
        (sum(next_position) over ())::bigint as all_sent, row_number() over (order by source) = 1 as is_first
      from producers
    )
    select * from told
    where next_position < 0 or next_position > stored or last_seen > now + ${CLOCK_MARGIN_US} or last_seen <= 0 or is_unknown
      or (is_first and all_sent > stored)
    order by source
  `.cursor(100);
  for await (const page of rows) for (const row of page) checkProducer(producerSchema.parse(row), report);
}

const producerSchema = z.object({
  source: z.string(),
  next_position: z.number(),
  last_seen: z.number(),
  now: z.number(),
  /** Lines ever stored; null where that is not known any more. */
  stored: z.number().nullable(),
  is_unknown: z.boolean().nullable(),
  all_sent: z.number(),
  is_first: z.boolean(),
});

function checkProducer(row: z.infer<typeof producerSchema>, report: Report): void {
  const { source, next_position: next, last_seen: seen, now, stored, all_sent: all } = row;
  const add = (sentence: string) => report({ kind: 'producers', sentence });
  if (row.is_first && stored !== null && all > stored) {
    add(`all producers together have sent ${all} lines, and only ${stored} were ever stored.`);
  }
  if (next < 0) add(`producer ${source} is at position ${next}.`);
  if (stored !== null && next > stored) {
    add(`producer ${source} is at position ${next}, and only ${stored} lines were ever stored.`);
  }
  if (seen > now + CLOCK_MARGIN_US) add(`producer ${source} was last seen in the future.`);
  else if (seen <= 0) add(`producer ${source} was last seen before all time.`);
  else if (row.is_unknown) {
    add(`producer ${source} was last seen at ${new Date(seen / 1000).toISOString()}, and nothing was appended then.`);
  }
}
