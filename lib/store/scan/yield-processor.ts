import { execFile } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { constants, platform, setPriority } from 'node:os';
import path from 'node:path';

/**
 * Leaves the processors to whoever else wants one. On Linux the thread that calls it gets a low priority and becomes SCHED_IDLE
 * (sched(7)): a thread that wakes takes its place at once, where it would otherwise go on to the end of its slice, some milliseconds.
 * Node has no call for that, so util-linux' `chrt` makes it; where it is missing or refused, the low priority is what remains. Does
 * nothing elsewhere, where a priority is that of the whole process. Resolves when it is done.
 */
export async function yieldProcessor(): Promise<void> {
  if (platform() !== 'linux') return;
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const thread = threadId();
  if (thread !== undefined)
    await new Promise<void>((done) => execFile('chrt', ['-i', '-p', '0', thread], () => done()));
}

/** Of the thread that asks, to the kernel; undefined where /proc is not there. */
function threadId(): string | undefined {
  try {
    return path.basename(readlinkSync('/proc/thread-self'));
  } catch {
    return undefined;
  }
}
