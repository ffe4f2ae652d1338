import { z } from 'zod';
import { StratalError } from '@/lib/errors/stratal-error';
import { SERVER_NAME, type Sql } from '@/lib/store/database';

/**
 * Gives the store a new random epoch, which makes every cursor from before foreign: readers are told to begin anew. For a database that was
 * put back to an earlier state. Refuses while servers are connected, unless `force`: they would go on with the old one.
 */
export async function replaceEpoch(sql: Sql, force: boolean): Promise<void> {
  const servers = await countServerSessions(sql);
  if (servers > 0 && !force) {
    throw new StratalError(
      'STRATAL_STORE_DOWN',
      `Stratal servers are connected to this database (${servers} sessions): stop them first, or use --force and restart them afterwards.`,
    );
  }
  await sql`update store_meta set epoch = substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)`;
}

async function countServerSessions(sql: Sql): Promise<number> {
  const [row] = await sql`
    select count(*)::int as sessions from pg_stat_activity
    where datname = current_database() and application_name = ${SERVER_NAME}
  `;
  return z.object({ sessions: z.number() }).parse(row).sessions;
}
