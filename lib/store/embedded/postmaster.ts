import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { askSocket } from './connection';
import { embeddedError, reasonOf } from './embedded-error';
import type { EmbeddedLog } from './embedded-log';
import { disownPidFile, isAlive, isPostmasterOf, readPidFile } from './postmaster-pid';
import { PROGRAM_ENVIRONMENT } from './run-program';
import type { ServiceUser } from './service-user';

/** How long a start is repeated while processes of a killed Postgres still hold its shared memory. */
const SHARED_MEMORY_WAIT_MS = 30_000;
/** How often a start that takes long (recovery after a crash) says so. */
const PATIENCE_MS = 10_000;
/** A clean stop writes a checkpoint; one that takes longer is cut, and the next start recovers from the log. */
const STOP_WAIT_MS = 30_000;
const POLL_MS = 25;

/** What is needed to run Postgres on one data folder. */
export interface Cluster {
  binDir: string;
  dataDir: string;
  socketDir: string;
  logFile: string;
  user: ServiceUser | undefined;
  settings: Readonly<Record<string, string>>;
}

/** A Postgres that takes connections. */
export interface Postmaster {
  pid: number;
  /** Where its socket is: an adopted one may have it elsewhere than asked. */
  socketDir: string;
  isAdopted: boolean;
}

/**
 * Makes sure that Postgres runs on the folder, and resolves once it takes connections. One that already runs, left by a
 * server that was killed, is adopted. Recovery may take minutes and is waited for.
 */
export async function bringUp(cluster: Cluster, log: EmbeddedLog): Promise<Postmaster> {
  const startedAt = performance.now();
  const patience = makePatience(log);
  for (;;) {
    const found = await findRunning(cluster);
    if (found.kind === 'runs') return found.postmaster;
    if (found.kind === 'none') {
      const started = await start(cluster, patience);
      if (typeof started === 'number') return { pid: started, socketDir: cluster.socketDir, isAdopted: false };
      const isPassing = /still in use|lock file "postmaster.pid" already exists/.test(started);
      if (!isPassing || performance.now() - startedAt > SHARED_MEMORY_WAIT_MS) throw startError(cluster, started);
    }
    patience();
    await delay(POLL_MS * 4);
  }
}

type Found = { kind: 'runs'; postmaster: Postmaster } | { kind: 'busy' } | { kind: 'none' };

async function findRunning({ dataDir, socketDir }: Cluster): Promise<Found> {
  const lock = await readPidFile(dataDir);
  if (lock === undefined) return { kind: 'none' };
  for (const folder of new Set([socketDir, lock.socketDir || socketDir])) {
    const answer = await askSocket(folder, dataDir);
    if (answer === 'ours') return { kind: 'runs', postmaster: { pid: lock.pid, socketDir: folder, isAdopted: true } };
    if (answer === 'starting') return { kind: 'busy' };
  }
  // A dead process's lock file is left to Postgres, which also looks whether its children are gone.
  if (!isAlive(lock.pid)) return { kind: 'none' };
  if (await isPostmasterOf(lock.pid, dataDir)) return { kind: 'busy' };
  disownPidFile(dataDir, lock);
  return { kind: 'none' };
}

/** Starts Postgres and waits until it is ready (its process id) or has ended: then what it said. */
async function start(cluster: Cluster, patience: () => void): Promise<number | string> {
  const flags = constants.O_APPEND | constants.O_CREAT | constants.O_RDWR | constants.O_NOFOLLOW;
  const output = await open(cluster.logFile, flags, 0o600);
  try {
    if (cluster.user !== undefined) await output.chown(cluster.user.uid, cluster.user.gid);
    const { size } = await output.stat();
    const child = spawnPostgres(cluster, output.fd);
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(reasonOf(error)));
      child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `exit code ${code}`}`));
    });
    let end: string | undefined;
    void ended.then((reason) => {
      end = reason;
    });
    while (end === undefined) {
      const lock = await readPidFile(cluster.dataDir);
      if (lock?.isReady && lock.pid === child.pid) return lock.pid;
      patience();
      await Promise.race([ended, delay(POLL_MS)]);
    }
    return (await readFatal(output, size)) ?? end;
  } finally {
    await output.close();
  }
}

function spawnPostgres({ binDir, dataDir, settings, user }: Cluster, output: number): ChildProcess {
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(binDir, 'postgres'), ['-D', dataDir, ...options], {
    ...user,
    cwd: '/',
    env: PROGRAM_ENVIRONMENT,
    // A group of its own: Ctrl-C in the terminal signals the whole group, while the server still drains.
    detached: true,
    stdio: ['ignore', output, output],
  });
  child.unref();
  return child;
}

/** What Postgres wrote since `from`, as far as it is worth telling: its last fatal or error message. */
async function readFatal(output: FileHandle, from: number): Promise<string | undefined> {
  const { size } = await output.stat();
  const { buffer, bytesRead } = await output.read({
    buffer: Buffer.alloc(Math.min(size - from, 65_536)),
    position: from,
  });
  const text = buffer.toString('utf8', 0, bytesRead);
  const messages = [...text.matchAll(/(?:FATAL|PANIC): {2}(.*)/g)].map(([, message]) => message);
  return messages.at(-1) ?? (text.trim().split('\n').at(-1) || undefined);
}

function startError(cluster: Cluster, failure: string) {
  return embeddedError(`Postgres does not start on ${cluster.dataDir}: ${failure}. Its log is ${cluster.logFile}.`);
}

function makePatience(log: EmbeddedLog): () => void {
  let lastAt = performance.now();
  return () => {
    if (performance.now() - lastAt < PATIENCE_MS) return;
    lastAt = performance.now();
    log.info('Postgres is not ready yet: after a crash it first reads its log again.');
  };
}

/** Stops the Postgres of the folder if there is one and waits for its end. Clients that are still connected are cut off. */
export async function bringDown(cluster: Pick<Cluster, 'dataDir'>, log: EmbeddedLog): Promise<void> {
  const lock = await readPidFile(cluster.dataDir);
  if (lock === undefined || !(await isPostmasterOf(lock.pid, cluster.dataDir))) return;
  signal(lock.pid, 'SIGINT');
  if (await hasEnded(lock.pid, cluster.dataDir, STOP_WAIT_MS)) return;
  log.warn(`Postgres did not stop within ${STOP_WAIT_MS / 1000} s and is cut; its next start recovers.`);
  signal(lock.pid, 'SIGQUIT');
  if (await hasEnded(lock.pid, cluster.dataDir, STOP_WAIT_MS)) return;
  throw embeddedError(`Postgres (process ${lock.pid}) does not stop.`);
}

function signal(pid: number, name: 'SIGINT' | 'SIGQUIT'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself in between.
  }
}

async function hasEnded(pid: number, dataDir: string, waitMs: number): Promise<boolean> {
  for (const until = performance.now() + waitMs; performance.now() < until; await delay(POLL_MS)) {
    if (!(await isPostmasterOf(pid, dataDir))) return true;
  }
  return false;
}

/** Empties the log once it is over the bound; Postgres appends, so it goes on at the start. */
export async function boundLog(logFile: string, bytesMax: number): Promise<void> {
  const found = await stat(logFile).catch(() => undefined);
  if (found === undefined || found.size <= bytesMax) return;
  const handle = await open(logFile, constants.O_RDWR | constants.O_NOFOLLOW);
  await handle.truncate(0).finally(() => handle.close());
}
