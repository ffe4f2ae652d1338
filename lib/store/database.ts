import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import * as schema from '@/drizzle/schema';
import { renewingPool, type SessionEvents } from './renewing-pool';

/** How to reach Postgres: a URL, or postgres.js options (the embedded one's socket folder). */
export interface ConnectOptions {
  url?: string | undefined;
  /** A host name, or the folder of a unix socket. */
  host?: string | undefined;
  port?: number | undefined;
  /** The unix socket itself; beats host and port. */
  path?: string | undefined;
  database?: string | undefined;
  username?: string | undefined;
  password?: string | undefined;
}
export type Sql = postgres.Sql<{ bigint: number }>;
export type Orm = PostgresJsDatabase<typeof schema> & { $client: Sql };

const INT8_OID = 20;
/** The application name of a server's sessions, by which others see that servers are connected. */
export const SERVER_NAME = 'stratal';

/** Keys, line numbers, positions and times stay below 2^53, so they are numbers here, not strings. */
const types = {
  bigint: {
    to: INT8_OID,
    from: [INT8_OID],
    serialize: (value: number) => String(value),
    parse: (text: string) => Number(text),
  },
};

export interface Database {
  /**
   * Appends alone, on one connection: one is in flight at a time, it waits behind no reading, and its session's caches stay warm.
   */
  appends: Sql;
  /** Chunks and journal. Apart from `drizzle`'s client, whose serializers drizzle replaces. */
  sql: Sql;
  /** Runs and tasks. */
  orm: Orm;
  close(): Promise<void>;
}

/** Where a lost connection is made anew by the driver: a database that is back is found within about a second. */
const RECONNECT_SECONDS_MAX = 1;

/**
 * A pool of at most `max` connections, opened when first needed. A connection that was lost is not used again. The caller ends it.
 * `name`: the sessions' application name.
 */
export function connect(options: ConnectOptions, max: number, name = SERVER_NAME): Sql {
  return renewingPool((events) => connectPlainly(options, max, name, events), max);
}

/** As `connect`, for drizzle, which replaces a client's serializers. */
function connectForDrizzle(options: ConnectOptions, max: number): Orm {
  const sql = renewingPool((events) => {
    const pool = connectPlainly(options, max, SERVER_NAME, events);
    drizzle(pool);
    return pool;
  }, max);
  return drizzle(sql, { schema });
}

/** postgres.js' own pool, which goes on with the connections that it lost. */
export function connectPlainly(
  options: ConnectOptions,
  max: number,
  name = SERVER_NAME,
  events: Partial<SessionEvents> = {},
): Sql {
  const { url, ...rest } = options;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const backoff = (retries: number) => (0.5 + Math.random() / 2) * Math.min(3 ** retries / 100, RECONNECT_SECONDS_MAX);
  const connection = { application_name: name };
  // A session that is ended by its age or for its rest is not to be told from one that was lost.
  const all = {
    ...given,
    ...events,
    max,
    max_lifetime: null,
    idle_timeout: 0,
    types,
    backoff,
    onnotice: () => {},
    connection,
  };
  return url === undefined ? postgres(all) : postgres(...withSocketFolder(url, all));
}

/** libpq's form for a unix socket, `?host=/folder`, which postgres.js would send to the server as a setting. */
function withSocketFolder<T extends object>(url: string, options: T): [string, T & { host?: string }] {
  const parsed = new URL(url);
  const folder = parsed.searchParams.get('host');
  if (!folder?.startsWith('/')) return [url, options];
  parsed.searchParams.delete('host');
  return [parsed.href, { ...options, host: folder }];
}

/** Small pools on one database. Connections are opened when first needed. */
export function openDatabase(options: ConnectOptions): Database {
  const appends = connect(options, 1);
  const sql = connect(options, 5);
  const orm = connectForDrizzle(options, 5);
  return {
    appends,
    sql,
    orm,
    close: async () => {
      await Promise.all([appends, sql, orm.$client].map((pool) => pool.end({ timeout: 5 })));
    },
  };
}
