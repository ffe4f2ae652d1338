import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { connectPlainly, SERVER_NAME, type Sql } from '@/lib/store/database';
import { takeLease } from '@/lib/store/leases';
import { migrate } from '@/lib/store/migrate';
import { openStore } from '@/lib/store/open-store';
import { linesOf } from '@/lib/store/testing/fill-store';
import { makeLine } from '@/lib/store/testing/make-lines';
import { makeRun } from '@/lib/store/testing/test-store';
import { PlainPostgres } from './plain-postgres';
import { StratalServer } from './stratal-server';

/** A search or download stops when its client goes away: Postgres' own log tells what was read of the run. */

/** Several times what is read ahead. */
const CHUNKS = 2000;
/** Tasks under way or ahead of the reader, each of which reads once. */
const AHEAD_MAX = 4;
/** A lease of a minute: a longer one would be taken for that of a clock that was set back. */
const LEASE_MS = 59_000;

let postgres: PlainPostgres | undefined;
let sql: Sql;
let server: StratalServer;
/** Where Postgres keeps what is too large for a row: the text of chunks. */
let toast: string;

test.beforeAll(async () => {
  test.skip(process.platform !== 'linux', 'open connections of a process are counted in /proc');
  postgres = await PlainPostgres.start({
    settings: { log_statement: 'all', logging_collector: 'on', log_directory: '..', log_filename: LOG },
  });
  if (!postgres) throw new Error('there is no Postgres');
  const { home, env } = postgres;
  const options = { host: home, port: 5432, database: 'postgres', username: 'stratal' };
  await migrate(options);
  sql = connectPlainly(options, 3, 'test');
  const store = await openStore(options);
  const run = await makeRun(store, 'long');
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    const lines = Array.from({ length: 50 }, () => makeLine(randomBytes(60).toString('hex')));
    await store.append([linesOf(run, lines)], []);
  }
  await store.close();
  const [row] = await sql<Array<{ name: string }>>`
    select reltoastrelid::regclass::text as name from pg_class where oid = 'log_chunks'::regclass
  `;
  toast = row?.name ?? '';
  await keepFromMerging();
  server = await StratalServer.start({ env });
});

test.beforeEach(() => keepFromMerging());

test.afterAll(async () => {
  await server?.close();
  await sql?.end();
  await postgres?.close();
});

const LOG = 'statements.log';
const holder = randomUUID();

/** Merging reads text too. */
async function keepFromMerging(): Promise<void> {
  expect(await takeLease(sql, 'maintenance', holder, LEASE_MS)).toBe(true);
}

/** How many statements have read text of chunks so far. */
async function countReads(): Promise<number> {
  const marker = `marker ${randomUUID()}`;
  await sql.unsafe(`select '${marker}'`);
  const log = path.join(postgres?.home ?? '', LOG);
  let text = '';
  await expect
    .poll(() => {
      text = readFileSync(log, 'utf8');
      return text.includes(marker);
    })
    .toBe(true);
  return text.split(/copy \(\s*select wanted\.first/i).length - 1;
}

/** True while the server has its end of the connection from that port of ours. */
function isConnected(from: number): boolean {
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
  const end = new RegExp(`^\\s*\\d+: \\w+:${hex(server.port)} \\w+:${hex(from)} `, 'm');
  return ['tcp', 'tcp6'].some((table) => end.test(readFileSync(`/proc/net/${table}`, 'utf8')));
}

async function readWhole(path: string): Promise<void> {
  const answer = await fetch(`${server.url}${path}`);
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
}

for (const [what, query] of [
  ['search', 'search?q=nothing-like-it'],
  ['download', 'download?format=raw'],
] as const) {
  test(`a ${what} whose client goes away reads no further`, async () => {
    const address = `/api/v1/logs/job-runs/long/${query}`;
    const before = await countReads();
    await readWhole(address);
    const whole = (await countReads()) - before;
    expect(whole).toBeGreaterThan(AHEAD_MAX * 4);

    // Text cannot be read while the index of its table is made anew; what a chunk holds besides can.
    await sql.begin(async (holder) => {
      await holder.unsafe(`reindex table ${toast}`);
      const request = http.get(`${server.url}${address}`, { agent: false });
      request.on('error', () => {});
      const [socket] = await once(request, 'socket');
      await expect.poll(sessionsWaiting).not.toHaveLength(0);
      const { localPort } = socket;
      expect(isConnected(localPort)).toBe(true);
      request.destroy();
      await expect.poll(() => isConnected(localPort)).toBe(false);
    });
    // The lease of before may end while a busy machine is at this.
    await keepFromMerging();
    // Were it still under way, it would take its turns beside this one.
    await readWhole(address);
    const read = (await countReads()) - before - whole * 2;
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThanOrEqual(AHEAD_MAX);
  });
}

/** The server's sessions that wait for what is locked. */
function sessionsWaiting() {
  return sql`
    select pid from pg_stat_activity
    where datname = current_database() and application_name = ${SERVER_NAME} and wait_event_type = 'Lock'
  `;
}
