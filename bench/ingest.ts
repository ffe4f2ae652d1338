import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type postgres from 'postgres';
import { makeBodies, makeText } from './make-log-lines';
import { openDatabase } from './open-database';
import type { BenchOptions } from './options';
import { postBodies } from './post-bodies';
import { cpuSeconds } from './process-usage';
import { profileArguments } from './profile';
import { PsqlCopy } from './psql-copy';
import { median, perSecond, ratio, timed } from './report';
import { type ServerProcess, startStratal } from './server-process';
import { settledChunks } from './settled-chunks';

const LINES_PER_POST = 1000;
const POSTS = 240;
const LINES = LINES_PER_POST * POSTS;
const ROUNDS = 5;
const IN_FLIGHT = 4;
const RUNS = 50;
const TABLE =
  'create table bench_rows (run bigint, line bigint, at timestamptz, level text, stream text, message text, primary key (run, line))';

/**
 * HTTP to committed, posts of 1,000 lines with 4 in flight, against the same lines as rows in the same Postgres: `unnest` of 1,000 on one
 * connection, and psql's `\copy` of all of them in one transaction.
 */
export async function benchIngest(options: BenchOptions): Promise<void> {
  const rounds = options.rounds ?? ROUNDS;
  const inFlight = options['in-flight'] ?? IN_FLIGHT;
  const server = await startStratal({ nodeArguments: profileArguments(options.profile) });
  const sql = openDatabase(server);
  const psql = PsqlCopy.open(server);
  try {
    await sql.unsafe(TABLE);
    const columns = columnsOfRows();
    const rates = { one: [] as number[], many: [] as number[], rows: [] as number[], copy: [] as number[] };
    const cpu = { one: [] as number[], many: [] as number[] };
    for (let round = -1; round < rounds; round++) {
      const one = await ingest(
        server,
        `/api/v1/job-runs/one-${round}/logs`,
        makeBodies(POSTS, LINES_PER_POST),
        inFlight,
      );
      // What one run's merges leave to do is not the next one's.
      await settledChunks(sql);
      const many = await ingest(server, '/api/v1/logs', bodiesOfRuns(round), inFlight);
      await settledChunks(sql);
      const rows = await timed(() => insertRows(sql, round, columns));
      const file = writeRows(server, round);
      const copy = psql ? await timed(() => psql.copy('bench_rows', file)) : Number.NaN;
      if (round < 0) continue; // Warm-up.
      rates.one.push(LINES / one.seconds);
      rates.many.push(LINES / many.seconds);
      rates.rows.push(LINES / rows);
      rates.copy.push(LINES / copy);
      cpu.one.push((one.cpu * 1e6) / LINES);
      cpu.many.push((many.cpu * 1e6) / LINES);
    }
    console.log(
      `## Ingest over HTTP to committed, ${LINES.toLocaleString('en')} lines a round, ${rounds} rounds interleaved\n`,
    );
    if (!psql) console.log('psql is not there, so \\copy is left out (Debian: postgresql-client).\n');
    console.log('| what | lines/s (median round) | ratio to unnest | ratio to \\copy | CPU µs of the server a line |');
    console.log('|---|---|---|---|---|');
    const row = (title: string, values: number[], us?: number[]) => {
      const toCopy = psql ? ratio(values, rates.copy) : '';
      const rate = perSecond(median(values), 1);
      console.log(
        `| ${title} | ${rate} | ${ratio(values, rates.rows)} | ${toCopy} | ${us ? median(us).toFixed(1) : ''} |`,
      );
    };
    row('Stratal, one run', rates.one, cpu.one);
    row(`Stratal, ${RUNS} runs`, rates.many, cpu.many);
    row('unnest of 1,000 rows', rates.rows);
    if (psql) row('psql \\copy', rates.copy);
    console.log('');
  } finally {
    await psql?.stop();
    await sql.end({ timeout: 1 });
    await server.stop();
  }
}

async function ingest(
  server: ServerProcess,
  target: string,
  bodies: Buffer[],
  inFlight: number,
): Promise<{ seconds: number; cpu: number }> {
  const before = cpuSeconds(server.pid);
  const seconds = await timed(() => postBodies(`${server.url}${target}`, bodies, inFlight));
  return { seconds, cpu: cpuSeconds(server.pid) - before };
}

function bodiesOfRuns(round: number): Buffer[] {
  return Array.from({ length: POSTS }, (_, body) =>
    makeBodies(1, LINES_PER_POST, { run: `many-${round}-${body % RUNS}`, firstIndex: body * LINES_PER_POST }),
  ).flat();
}

interface Columns {
  numbers: number[];
  times: string[];
  levels: string[];
  streams: string[];
  messages: string[];
}

/** The columns of each statement's rows, made before the time is taken, as the bodies of posts are. */
function columnsOfRows(): Columns[] {
  const at = new Date().toISOString();
  return Array.from({ length: POSTS }, (_, post) => {
    const numbers = Array.from({ length: LINES_PER_POST }, (_, line) => post * LINES_PER_POST + line);
    const same = (value: string) => numbers.map(() => value);
    return {
      numbers,
      times: same(at),
      levels: same('info'),
      streams: same('stdout'),
      messages: numbers.map(makeText),
    };
  });
}

async function insertRows(sql: postgres.Sql, round: number, statements: readonly Columns[]): Promise<void> {
  for (const { numbers, times, levels, streams, messages } of statements) {
    await sql`
      insert into bench_rows select ${round}, line, at, level, stream, message
      from unnest(${numbers}::bigint[], ${times}::timestamptz[], ${levels}::text[], ${streams}::text[], ${messages}::text[])
        as t(line, at, level, stream, message)
    `;
  }
}

/** The same rows as COPY's text format, under run numbers of their own. The texts have nothing to escape. */
function writeRows(server: ServerProcess, round: number): string {
  const file = path.join(server.folder, 'rows.tsv');
  const at = new Date().toISOString();
  const rows = Array.from(
    { length: LINES },
    (_, line) => `${1000 + round}\t${line}\t${at}\tinfo\tstdout\t${makeText(line)}\n`,
  );
  writeFileSync(file, rows.join(''));
  return file;
}
