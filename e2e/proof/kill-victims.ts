import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { StratalServer } from '@/e2e/stratal-server';
import { connect, SERVER_NAME, type Sql } from '@/lib/store/database';
import { connectionTo, DATABASE } from '@/lib/store/embedded/connection';
import { readPidFile } from '@/lib/store/embedded/postmaster-pid';

/** What is killed on the side of the server. */
export const SERVER_VICTIMS = ['server', 'postmaster', 'backend', 'server and postmaster'] as const;
export type ServerVictim = (typeof SERVER_VICTIMS)[number];

/** What the store is doing when that happens. */
export type KillPoint = 'ingest' | 'merge' | 'retention';

const STATEMENT = { merge: '%select stratal_merge(%', retention: '%select stratal_truncate(%' } as const;
/** After a server was killed, the next one waits for the end of its lease: 30 seconds. */
const HOLDS_MAX = 160;
const LOOKS_PER_HOLD = 40;
const LOOK_EVERY_MS = 5;
/** So long after it goes on: before, in and after its commit. */
const AFTER_RELEASE_MS = 8;

/** Kills with SIGKILL at that point; a server that was killed is started again. Resolves to what was met there. */
export async function killAt(
  server: StratalServer,
  victim: ServerVictim,
  point: KillPoint,
  random: () => number,
): Promise<string> {
  const lock = await readPidFile(path.join(server.dataDir, 'postgres', 'data'));
  if (!lock) throw new Error('the server has no Postgres');
  const sql = connect(connectionTo(lock.socketDir, DATABASE), 2, 'proof');
  try {
    const met = point === 'ingest' ? await aBackend(sql, random) : await meet(sql, point, random);
    if (victim === 'postmaster' || victim === 'server and postmaster') process.kill(lock.pid, 'SIGKILL');
    if (victim === 'backend') process.kill(met.pid, 'SIGKILL');
    if (victim === 'server' || victim === 'server and postmaster') {
      await server.stop('SIGKILL');
      await server.startAgain();
    }
    return met.what;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

interface Met {
  pid: number;
  what: string;
}

/** One of the server's sessions, rather one that works. */
async function aBackend(sql: Sql, random: () => number): Promise<Met> {
  const rows = await sql<Array<{ pid: number; state: string }>>`
    select pid, state from pg_stat_activity where application_name = ${SERVER_NAME} order by state = 'active' desc, pid
  `;
  const busy = rows.filter(({ state }) => state === 'active');
  const among = busy.length > 0 ? busy : rows;
  const found = among[Math.floor(random() * among.length)];
  if (!found) throw new Error('the server has no session');
  return { pid: found.pid, what: 'ingest' };
}

/**
 * Waits for a merge or a removal: chunks are locked, so that it stops where it would delete them, and let go when one stands there.
 * Appends go on meanwhile. Where none comes in time, the kill hits whatever there is.
 */
async function meet(sql: Sql, point: keyof typeof STATEMENT, random: () => number): Promise<Met> {
  for (let hold = 0; hold < HOLDS_MAX; hold++) {
    const pid = await sql.begin(async (holder) => {
      await holder`select from log_chunks for key share skip locked`;
      for (let look = 0; look < LOOKS_PER_HOLD; look++) {
        const [row] = await sql<Array<{ pid: number }>>`
          select pid from pg_stat_activity where wait_event_type = 'Lock' and query like ${STATEMENT[point]} limit 1
        `;
        if (row) return row.pid;
        await delay(LOOK_EVERY_MS);
      }
      return undefined;
    });
    if (pid === undefined) continue;
    await delay(random() * AFTER_RELEASE_MS);
    return { pid, what: point };
  }
  return { ...(await aBackend(sql, random)), what: `no ${point} came` };
}
