import { writeFileSync } from 'node:fs';
import type postgres from 'postgres';
import { streamOf } from './fan-out';
import { drawGrowth, formatExponent, type Series } from './growth-chart';
import { makeBodies, makeText } from './make-log-lines';
import { openDatabase } from './open-database';
import type { BenchOptions } from './options';
import { postBodies } from './post-bodies';
import { StreamReader } from './readers/stream-reader';
import { median, timed } from './report';
import { type ServerProcess, startStratal } from './server-process';

const LINES_PER_POST = 5000;
const BLOCK_POSTS = 4;
const BLOCKS = 5;
const LOOKS = 21;
const RESUME_LINES = 1000;
const SEARCHES = 3;
const NEEDLE = 'needle-in-the-log';
const IMAGES = 'docs/images';

/** Seconds of each thing at each size. */
type Measured = Map<string, Array<{ size: number; seconds: number }>>;

/** How ingest, the first page, resuming and search grow with the lines of a run, and with the number of runs. Draws docs/images/growth-*.svg. */
export async function benchGrowth(options: BenchOptions): Promise<void> {
  await measure('lines', 'lines of the run', options.lines ?? [100_000, 1_000_000, 10_000_000], growLines);
  await measure('runs', 'runs in the store', options.runs ?? [1000, 10_000, 100_000], growRuns);
}

type Grow = (
  server: ServerProcess,
  sizes: number[],
  note: (name: string, size: number, seconds: number) => void,
) => Promise<void>;

async function measure(name: string, sizeTitle: string, sizes: number[], grow: Grow): Promise<void> {
  const server = await startStratal();
  const measured: Measured = new Map();
  try {
    await grow(server, sizes, (what, size, seconds) => {
      measured.set(what, [...(measured.get(what) ?? []), { size, seconds }]);
    });
  } finally {
    await server.stop();
  }
  const series: Series[] = [...measured].map(([what, points]) => ({ name: what, points }));
  console.log(`## Growth with the ${sizeTitle}\n`);
  console.log(`| milliseconds | ${sizes.map((size) => size.toLocaleString('en')).join(' | ')} | exponent |`);
  console.log(`|---|${sizes.map(() => '---|').join('')}---|`);
  for (const { name: what, points } of series) {
    const cells = points.map(({ seconds }) => (seconds * 1000).toFixed(seconds < 0.1 ? 2 : 0)).join(' | ');
    console.log(`| ${what} | ${cells} | ${formatExponent(points)} |`);
  }
  const file = `${IMAGES}/growth-${name}.svg`;
  writeFileSync(file, drawGrowth(`Growth with the ${sizeTitle}`, sizeTitle, series));
  console.log(`\nDrawn: ${file}\n`);
}

const growLines: Grow = async (server, sizes, note) => {
  const run = 'grown';
  const url = `${server.url}/api/v1/job-runs/${run}/logs`;
  let lines = 0;
  let ingestSeconds = 0;
  for (const size of sizes) {
    while (lines < size) {
      const posts = Math.min(BLOCK_POSTS * 5, Math.ceil((size - lines) / LINES_PER_POST));
      const bodies = bodiesFrom(lines, posts);
      ingestSeconds += await timed(() => postBodies(url, bodies, 4));
      lines += posts * LINES_PER_POST;
    }
    note('ingest of all lines', size, ingestSeconds);
    note('first page of 100', size, await lookMany(() => get(server, `/logs/job-runs/${run}?limit=100`)));
    note(
      'page of 100 anywhere',
      size,
      await lookMany((look) => get(server, `/logs/job-runs/${run}?limit=100&offset=${placeOf(look, lines)}`)),
    );
    note(`resume and ${RESUME_LINES} lines`, size, await lookMany((look) => resume(server, run, placeOf(look, lines))));
    const search = await searchSeconds(server, run);
    if (search === undefined) console.log('Search is skipped: it is not there yet (404).');
    else note('search for a rare word', size, search);
    // Last, as it adds lines: a block of the same size at each size.
    const blocks: number[] = [];
    for (let block = 0; block < BLOCKS; block++) {
      const bodies = bodiesFrom(lines, BLOCK_POSTS);
      blocks.push(await timed(() => postBodies(url, bodies, 4)));
      lines += BLOCK_POSTS * LINES_PER_POST;
    }
    note(`ingest of ${(BLOCK_POSTS * LINES_PER_POST).toLocaleString('en')} more`, size, median(blocks));
  }
};

/** So many runs get their first line at each size. */
const NEW_RUNS = 100;

const growRuns: Grow = async (server, sizes, note) => {
  const sql = openDatabase(server);
  let runs = NEW_RUNS;
  await postBodies(`${server.url}/api/v1/logs`, [linesOfRuns('r', NEW_RUNS)], 1);
  for (const size of sizes) {
    await copyRuns(sql, runs, size);
    runs = size;
    const fresh = linesOfRuns(`new-${size}`, NEW_RUNS);
    note(
      `first line of ${NEW_RUNS} new runs`,
      size,
      await timed(() => postBodies(`${server.url}/api/v1/logs`, [fresh], 1)),
    );
    const run = `wide-${size}`;
    const url = `${server.url}/api/v1/job-runs/${run}/logs`;
    const blocks: number[] = [];
    for (let block = 0; block < BLOCKS; block++) {
      const bodies = bodiesFrom(block * BLOCK_POSTS * LINES_PER_POST, BLOCK_POSTS);
      blocks.push(await timed(() => postBodies(url, bodies, 4)));
    }
    note(`ingest of ${(BLOCK_POSTS * LINES_PER_POST).toLocaleString('en')} lines into one run`, size, median(blocks));
    const lines = BLOCKS * BLOCK_POSTS * LINES_PER_POST;
    note('list of the newest 50 runs', size, await lookMany(() => get(server, '/job-runs?limit=50')));
    note('first page of a run', size, await lookMany((look) => get(server, `/logs/job-runs/r-${placeOf(look, runs)}`)));
    note(`resume and ${RESUME_LINES} lines`, size, await lookMany((look) => resume(server, run, placeOf(look, lines))));
    const search = await searchSeconds(server, run);
    if (search !== undefined) note('search in one run', size, search);
  }
  await sql.end({ timeout: 1 });
};

/** Makes copies of a run and its chunk until there are `to` runs: through the API each would be a commit of its own. */
async function copyRuns(sql: postgres.Sql, from: number, to: number): Promise<void> {
  await sql`
    insert into job_runs (id, job_name, status, created_at, started_at, last_line, byte_count, info_count)
    select 'r-' || n, 'copied', 'completed', created_at + n, started_at + n, last_line, byte_count, info_count
    from job_runs, generate_series(${from}::int, ${to - 1}::int) as n where id = 'r-0'
  `;
  await sql`
    insert into log_chunks (run_key, first_line, line_count, min_at, max_at, facets, text_bytes, codec, attrs, body)
    select r.key, c.first_line, c.line_count, c.min_at, c.max_at, c.facets, c.text_bytes, c.codec, c.attrs, c.body
    from job_runs r, log_chunks c where r.job_name = 'copied' and c.run_key = (select key from job_runs where id = 'r-0')
      and not exists (select from log_chunks where run_key = r.key)
  `;
  await sql`analyze`;
}

/** Lines whose texts go on from a number, the tenth of all with a needle. */
function bodiesFrom(lines: number, posts: number): Buffer[] {
  return Array.from({ length: posts }, (_, index) => {
    const first = lines + index * LINES_PER_POST;
    let text = '';
    for (let line = first; line < first + LINES_PER_POST; line++) {
      text += `${JSON.stringify({ level: 'info', message: line === 10 ? NEEDLE : makeText(line) })}\n`;
    }
    return Buffer.from(text);
  });
}

/** A line for each of some runs. */
function linesOfRuns(prefix: string, count: number): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, index) => makeBodies(1, 1, { run: `${prefix}-${index}` })).flat(),
  );
}

/** Repeatable places spread over all lines, leaving room for what is read after them. */
function placeOf(look: number, lines: number): number {
  const share = (look * 0.618_033_988_75) % 1;
  return Math.floor(share * Math.max(1, lines - RESUME_LINES - 1));
}

/** The median seconds of some looks; the first warms up. */
async function lookMany(look: (index: number) => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < LOOKS; index++) {
    const seconds = await timed(() => look(index));
    if (index > 0) times.push(seconds);
  }
  return median(times);
}

async function get(server: ServerProcess, path: string): Promise<void> {
  const answer = await fetch(`${server.url}/api/v1${path}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
}

/** Opens a stream behind a line, reads a thousand lines and leaves. */
async function resume(server: ServerProcess, run: string, after: number): Promise<void> {
  const { kind, path } = streamOf('websocket', run);
  await new Promise<void>((resolve, reject) => {
    const opening = StreamReader.open(
      {
        kind,
        path: path.replace('after=1', `after=${after}`),
        port: server.port,
        marker: RESUME_LINES,
        looksAt: 'lines',
        onMarker: () => void opening.then((reader) => reader.close()).then(resolve),
      },
      reject,
    );
  });
}

/** Seconds until a search has looked at all lines, median; undefined where there is no search. */
async function searchSeconds(server: ServerProcess, run: string): Promise<number | undefined> {
  const url = `${server.url}/api/v1/logs/job-runs/${run}/search?q=${NEEDLE}`;
  const times: number[] = [];
  for (let search = 0; search < SEARCHES; search++) {
    let text = '';
    let status = 0;
    const seconds = await timed(async () => {
      const answer = await fetch(url);
      status = answer.status;
      text = await answer.text();
    });
    if (status === 404) return undefined;
    if (status !== 200 || !text.includes('"complete":true')) throw new Error(`search: ${status} ${text.slice(-300)}`);
    times.push(seconds);
  }
  return median(times);
}
