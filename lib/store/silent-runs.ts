import { HEARTBEATS_MISSED_MAX } from '@/lib/protocol/limits';
import type { Sql } from './database';
import type { RunRef } from './store';

/** Heartbeats are written by the clock that they are compared with; only one that was set back puts them further ahead. */
const CLOCK_SLACK_US = 1_000_000;

/** A running run whose producer promised heartbeats and kept none for too long. */
export interface SilentRun extends RunRef {
  /** The run is lost if it was not heard since this time. */
  silentSinceUs: number;
}

/**
 * Runs silent for HEARTBEATS_MISSED_MAX heartbeats, counted from the later of the last heartbeat and the server's start, `upUs`
 * microseconds ago: while the server was down, nobody could be heard. A heartbeat that lies ahead, because the clock was set back, counts
 * from now on.
 */
export async function findSilentRuns(sql: Sql, upUs: number): Promise<SilentRun[]> {
  await sql`
    update job_runs set last_heartbeat_at = stratal_now()
    where status = 'running' and heartbeat_seconds is not null and last_heartbeat_at > stratal_now() + ${CLOCK_SLACK_US}
  `;
  const rows = await sql<Array<{ key: number; id: string; last: number }>>`
    select key, id, last_heartbeat_at as last from job_runs
    where status = 'running' and heartbeat_seconds is not null
      and greatest(last_heartbeat_at, stratal_now() - ${upUs}::bigint) + heartbeat_seconds::bigint * ${HEARTBEATS_MISSED_MAX * 1_000_000} < stratal_now()
  `;
  return rows.map(({ key, id, last }) => ({ key, id, silentSinceUs: last }));
}
