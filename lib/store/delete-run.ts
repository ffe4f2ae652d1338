import type { Sql } from './database';
import { toStoreError } from './store-error';

/** Chunks deleted by one statement: short transactions, so that appends never wait long. */
const CHUNKS_PER_DELETE = 500;

/**
 * Deletes a run: first its row and tasks, which makes it unknown at once, then its chunks in short steps, for which no append waits.
 * Returns its key, or undefined where there is none. Its journal entries stay until they are trimmed: global cursors count on them.
 */
export async function deleteRun(sql: Sql, id: string): Promise<number | undefined> {
  try {
    const [row] = await sql<Array<{ key: number | null }>>`select stratal_delete(${id}) as key`;
    const key = row?.key ?? undefined;
    if (key !== undefined) await deleteChunks(sql, key);
    return key;
  } catch (error) {
    throw toStoreError(error);
  }
}

/** Chunks and tasks of runs that are no more: what a deletion left when its process stopped, or what was added at the same time. */
export async function deleteOrphans(sql: Sql): Promise<void> {
  await sql`delete from task_runs t where not exists (select from job_runs r where r.key = t.run_key)`;
  const rows = await sql<Array<{ run_key: number }>>`
    select distinct run_key from log_chunks c where not exists (select from job_runs r where r.key = c.run_key)
  `;
  for (const { run_key: key } of rows) await deleteChunks(sql, key);
}

async function deleteChunks(sql: Sql, runKey: number): Promise<void> {
  for (;;) {
    const gone = await sql`
      delete from log_chunks where run_key = ${runKey} and first_line in (
        select first_line from log_chunks where run_key = ${runKey} order by first_line limit ${CHUNKS_PER_DELETE})
    `;
    if (gone.count < CHUNKS_PER_DELETE) return;
  }
}
