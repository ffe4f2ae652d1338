import { readdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const OWNER_FILE = 'owner.json';
/** A folder without an owner is being made or taken over right now, unless it is older than this. */
const TAKE_OVER_MS = 10_000;
/** Whether a process of another host lives cannot be seen; it is taken for dead when its folder rested this long. */
const FOREIGN_HOST_MS = 10 * 60_000;

const ownerSchema = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  /** When the process started, as the kernel counts it, so that a reused pid is seen. */
  started: z.string().optional(),
  /** It has left the spool to others. */
  left: z.literal(true).optional(),
});
type Owner = z.infer<typeof ownerSchema>;

/** Says that this process has the spool in a folder. Throws where it cannot be written. */
export function takeOwnership(directory: string): void {
  writeFileSync(join(directory, OWNER_FILE), JSON.stringify(thisProcess()), { mode: 0o600, flag: 'wx' });
}

/**
 * Takes a spool whose owner is gone; false where it is somebody's. Two processes that try at once rename the same file, which
 * one of them wins. Should both ever deliver, the source's positions still keep every line single.
 */
export function takeOver(directory: string): boolean {
  const path = join(directory, OWNER_FILE);
  try {
    const owner = readOwner(path);
    if (owner ? isAlive(owner, directory) : restedMs(directory) < TAKE_OVER_MS) return false;
    const mine = `${path}.${process.pid}`;
    if (owner) renameSync(path, mine);
    takeOwnership(directory);
    if (owner) unlinkSync(mine);
    return true;
  } catch {
    return false;
  }
}

/** Leaves this process's spool to whoever comes next; where that cannot be written, they come when the process is gone. */
export function leaveToOthers(directory: string): void {
  try {
    writeFileSync(join(directory, OWNER_FILE), JSON.stringify({ ...thisProcess(), left: true }), { mode: 0o600 });
  } catch {
    // Said above.
  }
}

function thisProcess(): Owner {
  return { pid: process.pid, host: hostname(), started: startOf(process.pid) };
}

function readOwner(path: string): Owner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function isAlive(owner: Owner, directory: string): boolean {
  if (owner.left) return false;
  if (owner.host !== hostname()) return restedMs(directory) < FOREIGN_HOST_MS;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  const started = startOf(owner.pid);
  return owner.started === undefined || started === undefined || owner.started === started;
}

/** For how long nothing in the folder has changed. */
function restedMs(directory: string): number {
  const paths = [directory, ...readdirSync(directory).map((name) => join(directory, name))];
  return Date.now() - Math.max(...paths.map((path) => statSync(path).mtimeMs));
}

/** Field 22 of proc(5)'s stat: the start in clock ticks since boot. Undefined where there is no /proc. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
