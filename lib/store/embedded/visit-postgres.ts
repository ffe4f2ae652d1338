import { connectionTo, DATABASE, type PostgresConnection } from './connection';
import { embeddedError, reasonOf } from './embedded-error';
import type { EmbeddedLog } from './embedded-log';
import { prepareCluster } from './embedded-postgres';
import { findFolderOwner, takeFolderLock } from './folder-lock';
import { findPlace } from './place';
import { bringDown, bringUp } from './postmaster';

export interface VisitOptions {
  dataDir: string;
  log: EmbeddedLog;
  /** Only while no server owns the folder, and none can until the visit ends. */
  alone: boolean;
}

/** A connection to the Postgres of a folder that somebody else may be serving. */
export interface Visit {
  connection: PostgresConnection;
  /** Leaves everything as it was found: a Postgres that was started for the visit is stopped. */
  end(): Promise<void>;
}

/**
 * Reaches the database of a folder beside its server, or starts Postgres for the time of the visit where none runs. Every error is a
 * StratalError whose sentence says what to do.
 */
export async function visitPostgres({ dataDir, log, alone }: VisitOptions): Promise<Visit> {
  const place = await findPlace(dataDir, log);
  const cluster = await prepareCluster(place, log);
  const { socketDir, isAdopted } = await bringUp(cluster, log);
  const visit = { connection: connectionTo(socketDir, DATABASE), end: async () => {} };
  if (isAdopted && !alone) return visit;
  const owner = await findFolderOwner(socketDir);
  if (owner !== undefined && alone) {
    throw embeddedError(`A Stratal server (${owner}) uses the database in ${place.base}: stop it first.`);
  }
  // A server that starts meanwhile waits for the lock, and owns Postgres where it came first.
  const lock = await takeFolderLock(socketDir, place.base, log, 0).catch((error: unknown) => {
    if (alone) throw error;
    log.info(reasonOf(error));
    return undefined;
  });
  if (lock === undefined) return visit;
  return { ...visit, end: () => (isAdopted ? lock.release() : bringDown(cluster, log)) };
}
