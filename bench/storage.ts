import type postgres from 'postgres';
import { PRODUCER_AGE_MS } from '@/lib/config/limits';
import { connect } from '@/lib/store/database';
import { trimJournal } from '@/lib/store/journal';
import { corpusFolder, readCorpus } from './corpus';
import { endRun } from './end-run';
import { openDatabase, socketOf } from './open-database';
import { postBodies } from './post-bodies';
import { type ServerProcess, startStratal } from './server-process';
import { settledChunks } from './settled-chunks';

const LINES_PER_POST = 500;

/** Stored bytes per raw byte on the corpus, all tables with their indexes, after merging and once the journal is trimmed. */
export async function benchStorage(): Promise<void> {
  const folder = corpusFolder();
  if (folder === undefined) {
    console.log('## Storage: skipped, the corpus is not there (set STRATAL_CORPUS)\n');
    return;
  }
  const server = await startStratal();
  const sql = openDatabase(server);
  try {
    const empty = await storedBytes(sql);
    const { files, raw } = await postCorpus(server, folder);
    const chunks = await settledChunks(sql);
    const trimmed = await trimAsAfterAnHour(server);
    // What merging and trimming freed: first as autovacuum leaves it, for the next lines, then given back to the system.
    await sql`vacuum`;
    const vacuumed = await storedBytes(sql);
    const live = await liveBytes(sql);
    await sql`vacuum full`;
    const compact = await storedBytes(sql);
    console.log(`## Storage on the corpus: ${files} runs, ${(raw / 1e6).toFixed(1)} MB of text in ${chunks} chunks\n`);
    console.log(`The journal's ${trimmed} entries are trimmed; an empty store takes ${(empty / 1e3).toFixed(0)} kB.\n`);
    console.log('| all tables and indexes, without the empty store | MB | stored bytes per raw byte |\n|---|---|---|');
    const row = (what: string, bytes: number) =>
      console.log(`| ${what} | ${((bytes - empty) / 1e6).toFixed(1)} | ${((bytes - empty) / raw).toFixed(3)} |`);
    row('after merge and trim, what they freed given back (vacuum full)', compact);
    row('the same with what they freed kept for the next lines (vacuum)', vacuumed);
    console.log(
      `\nOf that, compressed text and columns are ${(live / 1e6).toFixed(1)} MB, ${(live / raw).toFixed(3)} of the raw bytes.\n`,
    );
  } finally {
    await sql.end({ timeout: 1 });
    await server.stop();
  }
}

async function postCorpus(server: ServerProcess, folder: string): Promise<{ files: number; raw: number }> {
  let raw = 0;
  let files = 0;
  for (const { text } of readCorpus(folder)) {
    const lines = text.split('\n').map((line) => line.replaceAll('\0', ''));
    raw += lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    const run = `corpus-${files++}`;
    for (let at = 0; at < lines.length; at += LINES_PER_POST) {
      const body = lines.slice(at, at + LINES_PER_POST).map((message) => `${JSON.stringify({ message })}\n`);
      await postBodies(`${server.url}/api/v1/job-runs/${run}/logs`, [Buffer.from(body.join(''))], 1);
    }
    await endRun(server, run);
  }
  return { files, raw };
}

/** What the server does by itself once the entries are old enough. Returns how many entries went. */
async function trimAsAfterAnHour(server: ServerProcess): Promise<number> {
  const { folder, port } = socketOf(server);
  const sql = connect({ host: folder, port, database: 'stratal', username: 'stratal' }, 1);
  try {
    return await trimJournal(sql, 0, PRODUCER_AGE_MS);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function storedBytes(sql: postgres.Sql): Promise<number> {
  const [size] = await sql<Array<{ bytes: string }>>`
    select sum(pg_total_relation_size(oid)) as bytes from pg_class where relkind in ('r', 'S') and relnamespace = 'public'::regnamespace
  `;
  return Number(size?.bytes);
}

async function liveBytes(sql: postgres.Sql): Promise<number> {
  const [size] = await sql<Array<{ bytes: string }>>`select sum(length(attrs) + length(body)) as bytes from log_chunks`;
  return Number(size?.bytes);
}
