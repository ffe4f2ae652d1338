import { readMigrationFiles } from 'drizzle-orm/migrator';
import { z } from 'zod';
import { StratalError } from '@/lib/errors/stratal-error';
import { type ConnectOptions, connectPlainly, type Sql } from '@/lib/store/database';
import type { EmbeddedLog } from '@/lib/store/embedded/embedded-log';
import { visitPostgres } from '@/lib/store/embedded/visit-postgres';
import { migrationsFolder } from '@/lib/store/migrate';
import { isLostSession, toStoreError } from '@/lib/store/store-error';

export interface DatabasePlace {
  /** Absent: the embedded Postgres in `dataDir`. */
  databaseUrl: string | undefined;
  dataDir: string;
}

/** The sessions' application name, which is no server's. */
const VISITOR_NAME = 'stratal check';

/**
 * Does the work with the database of a server that runs or is stopped, and leaves everything as it was. `alone`: no server may own the
 * embedded folder meanwhile.
 */
export async function withDatabase<Result>(
  place: DatabasePlace,
  { log, alone }: { log: EmbeddedLog; alone: boolean },
  work: (sql: Sql) => Promise<Result>,
): Promise<Result> {
  if (place.databaseUrl !== undefined) return withSql({ url: place.databaseUrl }, work);
  const visit = await visitPostgres({ dataDir: place.dataDir, log, alone });
  try {
    return await withSql(visit.connection, work);
  } finally {
    await visit.end();
  }
}

async function withSql<Result>(options: ConnectOptions, work: (sql: Sql) => Promise<Result>): Promise<Result> {
  let onLost = () => {};
  const lost = new Promise<never>((_, reject) => {
    onLost = () => reject(lostConnection());
  });
  lost.catch(() => {});
  // Rows that were on their way would be missing without a word, and the next ones be of another snapshot.
  const sql = connectPlainly(options, 1, VISITOR_NAME, { onclose: () => onLost() });
  try {
    await requireSchema(sql).catch(tellLost);
    return await Promise.race([lost, work(sql).catch(tellLost)]);
  } finally {
    // Whatever is under way is of no use any more.
    await sql.end({ timeout: 0 });
  }
}

/** A reset connection is told to the statement before it is closed. */
function tellLost(error: unknown): never {
  throw isLostSession(error) ? lostConnection() : error;
}

function lostConnection(): StratalError {
  return new StratalError('STRATAL_STORE_DOWN', 'The connection to the database was lost: run the check again.');
}

/** Throws where the database holds no store, or one of another version's tables. */
async function requireSchema(sql: Sql): Promise<void> {
  const newest = readMigrationFiles({ migrationsFolder: migrationsFolder() }).at(-1)?.folderMillis;
  const [found] = await sql`select to_regclass('drizzle.__drizzle_migrations') is not null as is_store`.catch(
    (error) => {
      throw toStoreError(error);
    },
  );
  if (!z.object({ is_store: z.boolean() }).parse(found).is_store) {
    throw new StratalError(
      'STRATAL_STORE_DOWN',
      'This database holds no Stratal store: look at DATABASE_URL or STRATAL_DATA_DIR.',
    );
  }
  const [row] = await sql`select max(created_at)::bigint as newest from drizzle.__drizzle_migrations`;
  if (z.object({ newest: z.number().nullable() }).parse(row).newest === newest) return;
  throw new StratalError(
    'STRATAL_STORE_DOWN',
    'The tables of this store are of another version of Stratal: use the stratal command of the version that serves it, or start the server of this one once.',
  );
}
