import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as drizzleMigrate } from 'drizzle-orm/postgres-js/migrator';
import { type ConnectOptions, connect } from './database';

/** The `drizzle` folder, beside the nearest package root above this file (source tree or bundle). */
export function migrationsFolder(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = path.join(folder, 'drizzle');
    if (existsSync(path.join(candidate, 'meta', '_journal.json'))) return candidate;
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error('The folder of migrations, drizzle/, was not found beside the program.');
    folder = parent;
  }
}

/** Brings the database to the newest schema. Safe to run on several nodes at once: one session lock serialises them. */
export async function migrate(options: ConnectOptions): Promise<void> {
  const sql = connect(options, 1);
  try {
    await sql`select pg_advisory_lock(7310011)`;
    await drizzleMigrate(drizzle(sql), { migrationsFolder: migrationsFolder() });
  } finally {
    await sql.end({ timeout: 5 });
  }
}
