import type { SilentRun } from '@/lib/store/silent-runs';
import type { AppendQueue } from './append-queue';

/**
 * Makes runs lost whose producers have been silent for too long. A line or heartbeat that comes in between wins: the step is taken only
 * where the run was not heard since.
 */
export async function loseSilentRuns(queue: AppendQueue, silent: readonly SilentRun[]): Promise<void> {
  await Promise.all(silent.map((run) => queue.step({ kind: 'lose', run, silentSinceUs: run.silentSinceUs })));
}
