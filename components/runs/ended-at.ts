import type { Run } from '@/lib/protocol/run';

/** When a run stopped, as far as is known; undefined while it goes on. A lost run was last heard at its heartbeat. */
export function endedAt(run: Run): string | undefined {
  if (run.finished_at !== undefined || run.status === 'running' || run.status === 'pending') return run.finished_at;
  return run.last_heartbeat_at ?? run.started_at;
}
