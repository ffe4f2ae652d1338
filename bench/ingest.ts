import type postgres from 'postgres';
import { makeBodies, makeText } from './make-log-lines';
import { openDatabase } from './open-database';
import { postBodies } from './post-bodies';
import { perSecond, ratio, timed } from './report';
import { startStratal } from './server-process';

const LINES_PER_POST = 1000;
const POSTS = 60;
const LINES = LINES_PER_POST * POSTS;
const ROUNDS = 5;

/** HTTP to committed, posts of 1,000 lines with 4 in flight, against `unnest` of 1,000 rows on one connection, in the same Postgres. */
export async function benchIngest(): Promise<void> {
  const server = await startStratal();
  const sql = openDatabase(server);
  try {
    await sql`create table bench_rows (run bigint, line bigint, at timestamptz, level text, stream text, message text, primary key (run, line))`;
    const times: { one: number[]; many: number[]; rows: number[] } = { one: [], many: [], rows: [] };
    for (let round = -1; round < ROUNDS; round++) {
      const one = await timed(() =>
        postBodies(`${server.url}/api/v1/job-runs/one-${round}/logs`, makeBodies(POSTS, LINES_PER_POST), 4),
      );
      const many = await timed(() => postBodies(`${server.url}/api/v1/logs`, bodiesOfRuns(round), 4));
      const rows = await timed(() => insertRows(sql, round));
      if (round < 0) continue; // Warm-up.
      times.one.push(LINES / one);
      times.many.push(LINES / many);
      times.rows.push(LINES / rows);
    }
    console.log(`## Ingest over HTTP to committed, ${LINES} lines a round, ${ROUNDS} rounds interleaved\n`);
    console.log('| what | lines/s (median round) | ratio to unnest |\n|---|---|---|');
    const lines = (values: number[]) => perSecond(values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0, 1);
    console.log(`| Stratal, one run | ${lines(times.one)} | ${ratio(times.one, times.rows)} |`);
    console.log(`| Stratal, 50 runs | ${lines(times.many)} | ${ratio(times.many, times.rows)} |`);
    console.log(`| unnest of 1,000 rows | ${lines(times.rows)} | 1 |\n`);
  } finally {
    await sql.end({ timeout: 1 });
    await server.stop();
  }
}

function bodiesOfRuns(round: number): Buffer[] {
  return Array.from({ length: POSTS }, (_, body) =>
    makeBodies(1, LINES_PER_POST, { run: `many-${round}-${body % 50}` }),
  ).flat();
}

async function insertRows(sql: postgres.Sql, round: number): Promise<void> {
  for (let post = 0; post < POSTS; post++) {
    const numbers = Array.from({ length: LINES_PER_POST }, (_, line) => post * LINES_PER_POST + line);
    const at = new Date().toISOString();
    await sql`
      insert into bench_rows select ${round}, line, at, level, stream, message
      from unnest(${numbers}::bigint[], ${numbers.map(() => at)}::timestamptz[], ${numbers.map(() => 'info')}::text[],
        ${numbers.map(() => 'stdout')}::text[], ${numbers.map(makeText)}::text[]) as t(line, at, level, stream, message)
    `;
  }
}
