import { execFile } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { systemCode } from './embedded-error';

/** Postgres' own lock on its data folder, `postmaster.pid`, or on its socket. */
export interface PidFile {
  path: string;
  pid: number;
  /** Empty until the socket is there. */
  socketDir: string;
  /** True once connections are taken. */
  isReady: boolean;
  content: string;
}

/** The lock file of the data folder, undefined where there is none. */
export function readPidFile(dataDir: string): Promise<PidFile | undefined> {
  return readLockFile(join(dataDir, 'postmaster.pid'));
}

/** A lock file of Postgres, undefined where there is none. */
export async function readLockFile(path: string): Promise<PidFile | undefined> {
  const content = await readFile(path, 'utf8').catch(() => undefined);
  if (content === undefined) return undefined;
  const lines = content.split('\n');
  return {
    path,
    pid: Math.abs(Number.parseInt(lines[0] ?? '', 10)) || 0,
    socketDir: lines[4]?.trim() ?? '',
    isReady: lines[7]?.trim() === 'ready',
    content,
  };
}

/** Whether a process of this id runs, under whatever account. A zombie counts: see isPostmasterOf. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/** Whether the process is the Postgres of this folder: after a reboot the id can be anybody's. False for a zombie. */
export async function isPostmasterOf(pid: number, dataDir: string): Promise<boolean> {
  const command = await commandOf(pid);
  const [program = '', ...rest] = command;
  if (!/^(postgres|postmaster)\b/.test(basename(program))) return false;
  const folder = rest[rest.indexOf('-D') + 1];
  return folder === undefined || (await isSameFolder(folder, dataDir));
}

/** Whether a path that a running Postgres was started with is this folder; one that is gone was renamed to this. */
export async function isSameFolder(reported: string, dataDir: string): Promise<boolean> {
  try {
    return (await realpath(reported)) === (await realpath(dataDir));
  } catch (error) {
    return systemCode(error) === 'ENOENT';
  }
}

async function commandOf(pid: number): Promise<string[]> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  } catch {
    if (process.platform === 'linux') return [];
  }
  try {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]);
    // Words are all that ps gives: a folder with spaces is put together up to the option that follows it.
    const folder = /\s-D (.*?) -c /.exec(stdout)?.[1];
    return [stdout.split(' ')[0] ?? '', ...(folder === undefined ? [] : ['-D', folder])];
  } catch {
    return [];
  }
}

/**
 * Makes a lock file whose process is a stranger's harmless. Removing it would also remove the key by which Postgres sees
 * that a process of its predecessor still has the shared memory; so only the id is replaced, by that of the parent of
 * the Postgres to come, which it takes for stale. Written through the descriptor that was judged: a newer file, of a
 * Postgres that another server has started since, is another inode and stays untouched. One that is gone by now, as a
 * Postgres that ends removes its own, needs nothing.
 */
export function disownPidFile(judged: PidFile): void {
  const descriptor = openUnlessGone(judged.path);
  if (descriptor === undefined) return;
  try {
    if (readFileSync(descriptor, 'utf8') !== judged.content) return;
    const content = judged.content.replace(/^-?\d*/, String(process.pid));
    ftruncateSync(descriptor, writeSync(descriptor, content, 0));
  } finally {
    closeSync(descriptor);
  }
}

function openUnlessGone(path: string): number | undefined {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
