import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type postgres from 'postgres';
import type { ConnectOptions } from '@/lib/store/database';
import { isAlive } from '@/lib/store/embedded/postmaster-pid';
import { migrate, migrationsFolder } from '@/lib/store/migrate';
import { joinTestCluster, type TestCluster } from './test-cluster';

/** Serialises those who look for, make and drop template databases. */
const TEMPLATE_KEY = 7_310_022;
const DRAFT = 'template_draft';
/** Templates of earlier migrations that are kept, for a colleague or branch that is still there. */
const OLD_TEMPLATES_MAX = 2;

/** A database of its own for one test or test file. */
export interface TestDatabase {
  options: ConnectOptions;
  /** Variables by which a server started as a child process reaches the same database. */
  environment: Record<string, string>;
  /** Drops it, cutting off whoever is still connected. */
  drop(): Promise<void>;
}

let count = 0;

/**
 * A fresh database at the newest schema, in some milliseconds: a copy of a template that is made once for each state of
 * the migrations. With `isEmpty`, one that nobody has migrated. No process is left behind when the caller's ends.
 */
export async function openTestDatabase({ isEmpty = false } = {}): Promise<TestDatabase> {
  const cluster = await joinTestCluster();
  count += 1;
  const name = `test_${process.pid}_${count}`;
  await cluster.run((sql) => create(cluster, sql, name, isEmpty));
  const options = optionsOf(cluster, name);
  return {
    options,
    environment: {
      DATABASE_URL: `postgres:///${name}`,
      PGHOST: options.host,
      PGPORT: String(options.port),
      PGUSERNAME: options.username,
    },
    drop: async () => {
      await cluster.run((sql) => sql`drop database if exists ${sql(name)} with (force)`);
    },
  };
}

function optionsOf(cluster: TestCluster, name: string) {
  const { host, port, database, username } = cluster.connection(name);
  return { host, port, database, username } satisfies ConnectOptions;
}

async function create(cluster: TestCluster, sql: postgres.Sql, name: string, isEmpty: boolean): Promise<void> {
  const template = isEmpty ? 'template1' : `template_${await hashMigrations()}`;
  await sql`select pg_advisory_lock(${TEMPLATE_KEY})`;
  try {
    await dropLeftovers(sql);
    const found = await sql`select 1 from pg_database where datname = ${template}`;
    if (found.length === 0) await makeTemplate(cluster, sql, template);
    await sql`create database ${sql(name)} template ${sql(template)}`;
  } finally {
    await sql`select pg_advisory_unlock(${TEMPLATE_KEY})`;
  }
}

async function makeTemplate(cluster: TestCluster, sql: postgres.Sql, template: string): Promise<void> {
  const old = await sql<Array<{ name: string }>>`
    select datname as name from pg_database where datname like 'template\\_%' order by oid desc offset ${OLD_TEMPLATES_MAX}`;
  for (const { name } of old) await sql`drop database ${sql(name)}`;
  await sql`create database ${sql(DRAFT)}`;
  await migrate(optionsOf(cluster, DRAFT));
  await sql`alter database ${sql(DRAFT)} rename to ${sql(template)}`;
}

/** Drops half-made templates and the databases of test processes that were killed. */
async function dropLeftovers(sql: postgres.Sql): Promise<void> {
  const rows = await sql<Array<{ name: string }>>`
    select datname as name from pg_database where datname = ${DRAFT} or datname like 'test\\_%'`;
  for (const { name } of rows) {
    const pid = /^test_(\d+)_/.exec(name)?.[1];
    if (pid === undefined || !isAlive(Number(pid))) await sql`drop database ${sql(name)} with (force)`;
  }
}

async function hashMigrations(): Promise<string> {
  const folder = migrationsFolder();
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()) {
    hash.update(name).update(await readFile(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 12);
}
