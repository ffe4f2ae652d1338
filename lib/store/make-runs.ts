import type { Sql } from './database';
import type { RunRef } from './store';
import { toStoreError } from './store-error';

/**
 * The runs of these ids, made where they are unknown (running, job_name = id), in one round trip however many they are. All of them are in
 * the map.
 */
export async function makeRuns(sql: Sql, ids: readonly string[]): Promise<Map<string, RunRef>> {
  const found = new Map<string, RunRef>();
  try {
    for (let missing = [...new Set(ids)]; missing.length > 0; missing = missing.filter((id) => !found.has(id))) {
      // A run that somebody else makes at the same moment is in neither part: it is found at the next turn.
      const rows = await sql<RunRef[]>`
        with made as (
          insert into job_runs (id, job_name, status, created_at, started_at)
          select id, id, 'running', stratal_now(), stratal_now() from unnest(${missing}::text[]) as wanted(id)
          where not exists (select from job_runs r where r.id = wanted.id)
          on conflict (id) do nothing returning key, id)
        select key, id from made union all select key, id from job_runs where id = any(${missing}::text[])
      `;
      for (const { key, id } of rows) found.set(id, { key, id });
    }
  } catch (error) {
    throw toStoreError(error);
  }
  return found;
}
