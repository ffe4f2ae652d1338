import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isStratalError } from '@/lib/errors/stratal-error';
import { findBinaries, readDataMajor } from './binaries';
import { connectionTo, connectionUrl, DATABASE, type PostgresConnection } from './connection';
import { reasonOf } from './embedded-error';
import type { EmbeddedLog } from './embedded-log';
import { ensureDatabase, type FolderLock, takeFolderLock } from './folder-lock';
import { initialise } from './initialise';
import { choosePlace, type Place } from './place';
import { boundLog, bringDown, bringUp, type Cluster } from './postmaster';
import { durableSettings } from './settings';
import { chooseSocketFolder } from './socket-folder';

/** So long may the server before us take to stop its Postgres while we wait for the folder. */
const ACQUIRE_WAIT_MS = 60_000;
/** Waits between attempts to start a Postgres that died: doubled from the first to the last. */
const [RESTART_FIRST_MS, RESTART_LAST_MS] = [250, 30_000];
/** Postgres' own log is emptied over this size, looked at once an hour and at each start. */
const [LOG_BYTES_MAX, LOG_LOOK_MS] = [16 * 1024 * 1024, 3_600_000];

export interface EmbeddedOptions {
  /** Where the database lives; made where missing. */
  dataDir: string;
  log: EmbeddedLog;
}

/** A running private Postgres. */
export interface EmbeddedPostgres {
  /** For postgres.js: `postgres({ ...connection, max: 8 })`. Good across restarts. */
  connection: PostgresConnection;
  /** The same for `psql` and other programs of libpq. */
  url: string;
  /** Where its data is in the end: the chosen folder, or where root's Postgres could not use that. */
  dataDir: string;
  /** Stops Postgres. Call after the last query: connections that are still open are cut off. */
  stop(): Promise<void>;
}

/**
 * Starts the Postgres of a folder, or adopts the one that a killed server left running, and starts it again whenever it
 * dies. One server owns the folder at a time. Every error is a StratalError whose sentence says what to do.
 */
export async function startEmbeddedPostgres({ dataDir, log }: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const place = await choosePlace(dataDir, log);
  const cluster = await prepareCluster(place, log);
  await boundLog(cluster.logFile, LOG_BYTES_MAX);
  const { postmaster, lock } = await acquire(cluster, place, log);
  // One that is adopted may have its socket elsewhere; restarts keep to where the clients know it.
  const { pid, socketDir, isAdopted } = postmaster;
  if (isAdopted) log.info(`Took over the Postgres that an earlier server left running (process ${pid}).`);
  try {
    await ensureDatabase(socketDir, DATABASE);
  } catch (error) {
    await bringDown(cluster, log);
    throw error;
  }
  const supervisor = new Supervisor({ ...cluster, socketDir, settings: durableSettings(socketDir) }, place, log);
  supervisor.watch(lock);
  const connection = connectionTo(socketDir, DATABASE);
  return { connection, url: connectionUrl(connection), dataDir: place.dataDir, stop: () => supervisor.stop() };
}

/** Finds the programs for a place and makes its data folder where there is none. */
export async function prepareCluster(place: Place, log: EmbeddedLog): Promise<Cluster> {
  const { dataDir, home, user } = place;
  const binaries = await findBinaries(place, await readDataMajor(dataDir));
  const isNew = await initialise(binaries, dataDir, user);
  if (isNew) log.info(`Made a new database in ${place.base} (PostgreSQL ${binaries.major}).`);
  const socketDir = await chooseSocketFolder(home, user);
  const logFile = join(home, 'postgres.log');
  return { binDir: binaries.binDir, dataDir, socketDir, logFile, user, settings: durableSettings(socketDir) };
}

/** Brings Postgres up and takes the folder's lock; again from the start where the owner stops Postgres in between. */
async function acquire(cluster: Cluster, place: Place, log: EmbeddedLog, stopping?: AbortSignal) {
  for (const until = performance.now() + ACQUIRE_WAIT_MS; ; await delay(RESTART_FIRST_MS)) {
    const postmaster = await bringUp(cluster, log);
    try {
      return { postmaster, lock: await takeFolderLock(postmaster.socketDir, place.base, log) };
    } catch (error) {
      if (isStratalError(error) || stopping?.aborted || performance.now() > until) throw error;
    }
  }
}

/** Keeps Postgres running and the folder's lock held, until it is stopped. */
class Supervisor {
  readonly #cluster: Cluster;
  readonly #place: Place;
  readonly #log: EmbeddedLog;
  readonly #stopping = new AbortController();
  readonly #logWatch: NodeJS.Timeout;
  #watching: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  constructor(cluster: Cluster, place: Place, log: EmbeddedLog) {
    this.#cluster = cluster;
    this.#place = place;
    this.#log = log;
    this.#logWatch = setInterval(() => {
      boundLog(cluster.logFile, LOG_BYTES_MAX).catch((error) => log.warn(`Postgres' log: ${reasonOf(error)}`));
    }, LOG_LOOK_MS);
    this.#logWatch.unref();
  }

  watch(lock: FolderLock): void {
    // The kept session ends with Postgres, whoever started it: no signal of the child process is needed.
    this.#watching = lock.lost.then(() => this.#restart());
  }

  async #restart(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#log.warn('The session with the embedded Postgres has ended: looking after it.');
    for (let wait = RESTART_FIRST_MS; !this.#stopping.signal.aborted; wait = Math.min(wait * 2, RESTART_LAST_MS)) {
      try {
        const { lock } = await acquire(this.#cluster, this.#place, this.#log, this.#stopping.signal);
        if (this.#stopping.signal.aborted) return;
        this.#log.info('The embedded Postgres answers again.');
        return this.watch(lock);
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        this.#log.error(`${reasonOf(error)} Trying again in ${wait / 1000} s.`);
        await delay(wait, undefined, { signal: this.#stopping.signal }).catch(() => {});
      }
    }
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#finish();
    return this.#stopped;
  }

  async #finish(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#logWatch);
    // Postgres first, the lock with it: a server that waits for the folder gets it when all is over.
    await bringDown(this.#cluster, this.#log);
    await this.#watching;
    // Once more: a restart may have been under way.
    await bringDown(this.#cluster, this.#log);
  }
}
