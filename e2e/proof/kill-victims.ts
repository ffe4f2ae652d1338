import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { StratalServer } from '@/e2e/stratal-server';
import { connect, SERVER_NAME, type Sql } from '@/lib/store/database';
import { connectionTo, DATABASE } from '@/lib/store/embedded/connection';
import { readPidFile } from '@/lib/store/embedded/postmaster-pid';
import { trimJournal } from '@/lib/store/journal';

/** What is killed on the side of the server. */
export const SERVER_VICTIMS = ['server', 'postmaster', 'backend', 'server and postmaster'] as const;
export type ServerVictim = (typeof SERVER_VICTIMS)[number];

/** What the store is doing when that happens: `removal` of a run's oldest chunks, `deletion` of an ended run that has none left. */
export type KillPoint = 'ingest' | 'merge' | 'removal' | 'deletion';

/** Statement and rows of each point: where these are locked, that stops before it removes them. */
const POINTS = {
  merge: { statement: '%select stratal_merge(%', lock: 'select from log_chunks for key share skip locked' },
  removal: { statement: '%select stratal_truncate(%', lock: 'select from log_chunks for key share skip locked' },
  deletion: {
    statement: '%select stratal_expire(%',
    lock: `
      select from job_runs where status = any('{completed,failed,canceled,lost}') and 1 < first_line and last_line < first_line
      for key share skip locked
    `,
  },
} as const;
/** After a server was killed, the next one waits for the end of its lease: 30 seconds. */
const WAIT_MAX_MS = 45_000;
/** Lets appends and merges go on between. Passes of retention are a second apart. */
const HOLD_MS = { merge: 200, removal: 200, deletion: 1500 } as const;
const LOOK_EVERY_MS = 5;
/** So long after it goes on: before, in and after its commit. */
const AFTER_RELEASE_MS = 8;
const WEEK_MS = 7 * 24 * 3_600_000;

/**
 * Kills with SIGKILL at that point; a server that was killed is started again. Resolves to whether it came to that point: where it did not,
 * nothing is killed.
 */
export async function killAt(
  server: StratalServer,
  victim: ServerVictim,
  point: KillPoint,
  random: () => number,
): Promise<boolean> {
  const lock = await readPidFile(path.join(server.dataDir, 'postgres', 'data'));
  if (!lock) throw new Error('the server has no Postgres');
  const sql = connect(connectionTo(lock.socketDir, DATABASE), 2, 'proof');
  try {
    const pid = point === 'ingest' ? await aBackend(sql, random) : await meet(sql, point, random);
    if (pid === undefined) return false;
    if (victim === 'postmaster' || victim === 'server and postmaster') process.kill(lock.pid, 'SIGKILL');
    if (victim === 'backend') process.kill(pid, 'SIGKILL');
    if (victim === 'server' || victim === 'server and postmaster') {
      await server.stop('SIGKILL');
      await server.startAgain();
    }
    return true;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** One of the server's sessions, rather one that works. */
async function aBackend(sql: Sql, random: () => number): Promise<number> {
  const rows = await sql<Array<{ pid: number; state: string }>>`
    select pid, state from pg_stat_activity where application_name = ${SERVER_NAME} order by state = 'active' desc, pid
  `;
  const busy = rows.filter(({ state }) => state === 'active');
  const among = busy.length > 0 ? busy : rows;
  const found = among[Math.floor(random() * among.length)];
  if (!found) throw new Error('the server has no session');
  return found.pid;
}

/** Waits for the session that comes to that point: rows are locked, so that it stops there, and let go when it does. */
async function meet(sql: Sql, point: keyof typeof POINTS, random: () => number): Promise<number | undefined> {
  const end = performance.now() + WAIT_MAX_MS;
  while (performance.now() < end) {
    const pid = await sql.begin(async (holder) => {
      const { count } = await holder.unsafe(POINTS[point].lock);
      if (count === 0) return undefined;
      // A run is deleted when the journal has forgotten it, which takes an hour.
      if (point === 'deletion') await trimJournal(sql, 0, WEEK_MS);
      return lookFor(sql, point);
    });
    if (pid !== undefined) {
      await delay(random() * AFTER_RELEASE_MS);
      return pid;
    }
    await delay(LOOK_EVERY_MS);
  }
  return undefined;
}

async function lookFor(sql: Sql, point: keyof typeof POINTS): Promise<number | undefined> {
  const end = performance.now() + HOLD_MS[point];
  while (performance.now() < end) {
    const [row] = await sql<Array<{ pid: number }>>`
      select pid from pg_stat_activity where wait_event_type = 'Lock' and query like ${POINTS[point].statement} limit 1
    `;
    if (row) return row.pid;
    await delay(LOOK_EVERY_MS);
  }
  return undefined;
}
