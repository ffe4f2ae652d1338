import type { Sql } from './database';

/**
 * Takes or renews a lease: true where `holder` has it until `forMs` from now. A holder that died frees it by the end of that time.
 * Clocks of nodes do not matter: Postgres' own is used, and one that was set back frees leases that end later than any can.
 */
export async function takeLease(sql: Sql, name: string, holder: string, forMs: number): Promise<boolean> {
  const rows = await sql`
    insert into leases (name, holder, expires_at) values (${name}, ${holder}, stratal_now() + ${forMs * 1000})
    on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at
    where leases.holder = excluded.holder
      or leases.expires_at < stratal_now() or leases.expires_at > stratal_now() + ${2 * forMs * 1000}
    returning 1
  `;
  return rows.length > 0;
}

/** Gives a lease back before its end. */
export async function releaseLease(sql: Sql, name: string, holder: string): Promise<void> {
  await sql`delete from leases where name = ${name} and holder = ${holder}`;
}
