import { z } from 'zod';
import type { Sql } from '@/lib/store/database';
import { checkProducers } from './check-producers';
import type { Report } from './finding';

const sequences = [
  { table: 'job_runs', what: 'key of a job run', sequence: 'job_runs_key_seq' },
  { table: 'task_runs', what: 'key of a task run', sequence: 'task_runs_key_seq' },
] as const;

/** Checks what belongs to no single run: the store's row, sequences, producers, and rows of runs that are not there. */
export async function checkWhole(sql: Sql, report: Report): Promise<void> {
  await checkMeta(sql, report);
  await checkSequences(sql, report);
  await checkOrphans(sql, report);
  await checkProducers(sql, report);
}

const metaSchema = z.object({
  epoch: z.string(),
  trimmed: z.number(),
  oldest: z.number().nullable(),
  newest: z.number().nullable(),
  given: z.number(),
});

async function checkMeta(sql: Sql, report: Report): Promise<void> {
  const [row] = await sql`
    select m.epoch, m.trimmed_through as trimmed, (select min(position) from log_appends) as oldest,
      (select max(position) from log_appends) as newest,
      (select case when is_called then last_value else last_value - 1 end from log_position) as given
    from store_meta m
  `;
  if (row === undefined) {
    report({ kind: 'journal', sentence: 'the row of store_meta, with the epoch of all cursors, is missing.' });
    return;
  }
  const { epoch, trimmed, oldest, newest, given } = metaSchema.parse(row);
  if (!/^[0-9a-z]{8,32}$/.test(epoch)) report({ kind: 'journal', sentence: 'the epoch in store_meta is not valid.' });
  if (oldest !== null && oldest <= trimmed) {
    report({ kind: 'journal', sentence: `the journal begins at ${oldest}, and is trimmed through ${trimmed}.` });
  }
  const highest = Math.max(newest ?? 0, trimmed);
  if (given < highest) {
    const sentence = `the sequence log_position is at ${given}, and the journal at ${highest}.`;
    report({ kind: 'sequence', sentence });
  }
}

async function checkSequences(sql: Sql, report: Report): Promise<void> {
  for (const { table, what, sequence } of sequences) {
    const [row] = await sql`
      select (select coalesce(max(key), 0) from ${sql(table)}) as highest,
        (select case when is_called then last_value else last_value - 1 end from ${sql(sequence)}) as given
    `;
    const { highest, given } = z.object({ highest: z.number(), given: z.number() }).parse(row);
    if (given >= highest) continue;
    report({
      kind: 'sequence',
      sentence: `the sequence ${sequence} is at ${given}, and the highest ${what} is ${highest}.`,
    });
  }
}

const orphanSchema = z.object({ run_key: z.number(), what: z.string(), count: z.number(), is_known: z.boolean() });

/**
 * Rows whose run is not there. A deletion takes the run first and its chunks after it, and journal entries stay until they are trimmed: so
 * rows of a run that once was are the rest of a deletion. A key that was never given to a run is another matter.
 */
async function checkOrphans(sql: Sql, report: Report): Promise<void> {
  const rows = await sql`
    with given as (select case when is_called then last_value else 0 end as key from job_runs_key_seq)
    select o.run_key, o.what, count(*)::int as count, o.run_key between 1 and given.key as is_known from (
      select run_key, 'chunk' as what from log_chunks
      union all select run_key, 'task run' from task_runs
      union all select run_key, 'journal entry' from log_appends
    ) o cross join given
    where not exists (select from job_runs r where r.key = o.run_key)
    group by o.run_key, o.what, given.key order by o.run_key, o.what
  `;
  for (const row of rows) {
    const { run_key: key, what, count, is_known: isKnown } = orphanSchema.parse(row);
    if (!isKnown) {
      const sentence = `there are rows of it (${what}: ${count}), and no run has ever had that key.`;
      report({ kind: what === 'journal entry' ? 'journal' : 'lines', run: { key }, sentence });
    } else if (what !== 'journal entry') {
      report({
        kind: 'leftover',
        run: { key },
        sentence: `it was deleted, and rows of it are left (${what}: ${count}).`,
      });
    }
  }
}
