import { join } from 'node:path';
import postgres from 'postgres';
import { isSameFolder } from './postmaster-pid';

/** Postgres names its socket by the port; there is no port behind it. */
const SOCKET_PORT = 5432;
/** The superuser that initdb made: whoever can pass the socket's folder is let in as it. */
export const SUPERUSER = 'stratal';
/** The database that holds the store. */
export const DATABASE = 'stratal';

/** How postgres.js reaches a database through its unix socket: `postgres({ ...connection, max: 4 })`. */
export interface PostgresConnection {
  /** The folder of the socket. */
  host: string;
  port: number;
  /** The socket itself, which host and port would also give unless the folder's name holds a comma or colon. */
  path: string;
  database: string;
  username: string;
}

export function connectionTo(socketDir: string, database: string): PostgresConnection {
  const path = join(socketDir, `.s.PGSQL.${SOCKET_PORT}`);
  return { host: socketDir, port: SOCKET_PORT, path, database, username: SUPERUSER };
}

/** The same for libpq's programs (`psql "<url>"`), where `host` overrides the name. postgres.js alone does not read it. */
export function connectionUrl({ host, username, database }: PostgresConnection): string {
  return `postgresql://${username}@localhost/${database}?host=${encodeURIComponent(host)}`;
}

/** The file by which Postgres holds the socket for itself. */
export function socketLockOf(socketDir: string): string {
  return `${connectionTo(socketDir, DATABASE).path}.lock`;
}

/** Options for one connection that is kept: postgres.js would replace it after half an hour. */
export const KEPT_CONNECTION = { max: 1, max_lifetime: null, fetch_types: false, onnotice: () => {} } as const;

/** ours: takes connections and serves this folder. starting: it will, or is about to stop. silent: nobody is there. */
export type Answer = 'ours' | 'starting' | 'silent' | 'foreign';

/** Asks the socket who answers. Never throws. */
export async function askSocket(socketDir: string, dataDir: string): Promise<Answer> {
  const sql = postgres({ ...connectionTo(socketDir, 'postgres'), ...KEPT_CONNECTION, connect_timeout: 5 });
  try {
    const [row] = await sql<[{ folder: string }]>`select current_setting('data_directory') as folder`;
    return (await isSameFolder(row.folder, dataDir)) ? 'ours' : 'foreign';
  } catch (error) {
    // 57P03: starting up, recovering or shutting down.
    return error instanceof postgres.PostgresError && error.code === '57P03' ? 'starting' : 'silent';
  } finally {
    await sql.end({ timeout: 1 });
  }
}
