import { HEARTBEATS_MISSED_MAX } from '@/lib/protocol/limits';
import type { Sql } from './database';
import type { RunRef } from './store';

/** A running run whose producer promised heartbeats and kept none for too long. */
export interface SilentRun extends RunRef {
  /** The run is lost if it was not heard since this time. */
  silentSinceUs: number;
}

/**
 * Runs silent for HEARTBEATS_MISSED_MAX heartbeats, counted from the later of the last heartbeat and `serverStartUs`: while the server
 * was down, nobody could be heard.
 */
export async function findSilentRuns(sql: Sql, serverStartUs: number): Promise<SilentRun[]> {
  const rows = await sql<Array<{ key: number; id: string; last: number }>>`
    select key, id, last_heartbeat_at as last from job_runs
    where status = 'running' and heartbeat_seconds is not null
      and greatest(last_heartbeat_at, ${serverStartUs}) + heartbeat_seconds::bigint * ${HEARTBEATS_MISSED_MAX * 1_000_000} < stratal_now()
  `;
  return rows.map(({ key, id, last }) => ({ key, id, silentSinceUs: last }));
}
