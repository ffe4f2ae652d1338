import { existsSync, readlinkSync } from 'node:fs';
import { constants, platform, setPriority } from 'node:os';
import path from 'node:path';
import { runProgram } from '@/lib/store/embedded/run-program';

/** Leads to the thread that asks. */
const THREAD = '/proc/thread-self';

/**
 * Leaves the processors to whoever else wants one. On Linux the thread that calls it gets a low priority and, where `isIdle`, becomes SCHED_IDLE
 * (sched(7)): a thread that wakes takes its place at once, where it would otherwise go on to the end of its slice, some milliseconds.
 * Node has no call for that, so util-linux' `chrt` makes it. Does nothing elsewhere, where a priority is that of the whole process.
 * Never rejects: what is missing, or refused by a sandbox, is done without.
 */
export async function yieldProcessor(isIdle: boolean): Promise<void> {
  if (platform() !== 'linux') return;
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // The whole server may be at a lower one.
  }
  if (!isIdle || !existsSync(THREAD)) return;
  await runProgram('chrt', ['-i', '-p', '0', path.basename(readlinkSync(THREAD))]);
}
