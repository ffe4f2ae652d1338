import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { connectionTo, KEPT_CONNECTION } from './connection';
import { embeddedError, reasonOf } from './embedded-error';
import type { EmbeddedLog } from './embedded-log';

/** The advisory lock's two keys: "stra" and "tal1" in ASCII. */
const [KEY_HIGH, KEY_LOW] = [0x73747261, 0x74616c31];
/** So long may the session of a server that was killed outlive it. */
const OWNER_WAIT_MS = 10_000;
const POLL_MS = 100;

/** The right to serve from a folder: a session of Postgres that holds an advisory lock, so it ends with its process. */
export interface FolderLock {
  /** Resolves when the session has ended, for whatever reason. */
  lost: Promise<void>;
  release(): Promise<void>;
}

/** Takes the lock; where another server keeps it, throws a sentence that names that server and the ways out. */
export async function takeFolderLock(
  socketDir: string,
  folder: string,
  log: EmbeddedLog,
  ownerWaitMs = OWNER_WAIT_MS,
): Promise<FolderLock> {
  let sessionEnded = () => {};
  const lost = new Promise<void>((resolve) => {
    sessionEnded = resolve;
  });
  const sql = postgres({
    ...connectionTo(socketDir, 'postgres'),
    ...KEPT_CONNECTION,
    // Postgres keeps 63 bytes of it: the next server reads who we are.
    connection: { application_name: `process ${process.pid} on ${hostname()}` },
    onclose: () => sessionEnded(),
  });
  const release = () => sql.end({ timeout: 1 });
  try {
    await waitForLock(sql, folder, log, ownerWaitMs);
    return { lost, release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function waitForLock(sql: postgres.Sql, folder: string, log: EmbeddedLog, waitMs: number): Promise<void> {
  const until = performance.now() + waitMs;
  for (let round = 0; ; round += 1) {
    const [row] = await sql<[{ taken: boolean }]>`select pg_try_advisory_lock(${KEY_HIGH}, ${KEY_LOW}) as taken`;
    if (row.taken) return;
    const owner = await readOwner(sql);
    if (performance.now() > until) {
      throw embeddedError(
        `Another Stratal server (${owner}) uses the database in ${folder}: stop it, give this one a folder of its own ` +
          'with STRATAL_DATA_DIR, or set DATABASE_URL on both to let them share one Postgres.',
      );
    }
    if (round === 0)
      log.info(`The database in ${folder} is in use by a Stratal server (${owner}): waiting for its end.`);
    await delay(POLL_MS);
  }
}

/** The process that owns the folder, in words; undefined where none does. */
export async function findFolderOwner(socketDir: string): Promise<string | undefined> {
  const sql = postgres({ ...connectionTo(socketDir, 'postgres'), ...KEPT_CONNECTION });
  try {
    return await findOwner(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function readOwner(sql: postgres.Sql): Promise<string> {
  return (await findOwner(sql)) || 'just ending';
}

async function findOwner(sql: postgres.Sql): Promise<string | undefined> {
  const rows = await sql<Array<{ owner: string }>>`
    select application_name as owner from pg_locks join pg_stat_activity using (pid)
    where locktype = 'advisory' and granted and classid = ${KEY_HIGH} and objid = ${KEY_LOW}
      and pg_locks.database = (select oid from pg_database where datname = current_database())`;
  return rows[0]?.owner;
}

/** Creates the database of that name where it is missing; only call as the folder's owner. */
export async function ensureDatabase(socketDir: string, name: string): Promise<void> {
  const sql = postgres({ ...connectionTo(socketDir, 'postgres'), ...KEPT_CONNECTION });
  try {
    const found = await sql`select 1 from pg_database where datname = ${name}`;
    if (found.length === 0) await sql`create database ${sql(name)}`;
  } catch (error) {
    throw embeddedError(`The database ${name} cannot be created: ${reasonOf(error)}`, error);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
