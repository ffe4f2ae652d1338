import type postgres from 'postgres';
import { streamOf } from './fan-out';
import { memoryOf } from './inspector';
import { makeBodies } from './make-log-lines';
import { openDatabase } from './open-database';
import type { BenchOptions } from './options';
import { postBodies } from './post-bodies';
import { ReaderProcess } from './readers/reader-process';
import { median, timed } from './report';
import { type ServerProcess, startBareServer, startStratal } from './server-process';

const INSPECT = ['--inspect=127.0.0.1:0'];
const ROUNDS = 3;
const IDLE_READERS = 5000;
const WARM_READERS = 200;
const NAMES = ['websocket', 'sse', 'socketio', 'bare'] as const;
type Name = (typeof NAMES)[number];

const STALL_READERS = 100;
/** Several, so that what they hold stands out from what a heap varies by; encoded lines are shared, so it is no sum of what each holds. */
const STALLED = 20;
/** More than the kernel's buffers of a loopback connection hold. */
const STALL_LINES = 80_000;
/** Small, so that what the server holds for a stalled reader stands out. */
const STALL_TAIL = '1MiB';

/** An idle process of Postgres reports what it did after ten seconds at the latest (PGSTAT_IDLE_INTERVAL). */
const STATISTICS_MS = 11_000;

const CROWD = 10_000;
const CROWD_LINES = 1500;
const CROWD_AFTER = 300;

/** Memory of idle readers, of a stalled one, and what a crowd that resumes reads from the store. */
export async function benchMemory(options: BenchOptions): Promise<void> {
  const rounds = options.rounds ?? ROUNDS;
  const readers = new ReaderProcess();
  try {
    await benchIdle(readers, options.readers?.[0] ?? IDLE_READERS, rounds);
    await benchStalled(readers, rounds);
    await benchCrowd(readers, options.readers?.[1] ?? CROWD);
  } finally {
    await readers.stop();
  }
}

async function benchIdle(readers: ReaderProcess, count: number, rounds: number): Promise<void> {
  const results = new Map<Name, Array<{ rss: number; heap: number }>>(NAMES.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, costs] of results) costs.push(await idleCost(readers, name, count));
  }
  console.log(`## Memory of an idle reader, ${count.toLocaleString('en')} of them, ${rounds} servers each in turn\n`);
  console.log(
    '| what | KiB of RSS a reader | least to greatest | KiB of heap and buffers a reader |\n|---|---|---|---|',
  );
  for (const [name, costs] of results) {
    const rss = costs.map((cost) => cost.rss / count / 1024);
    const heap = median(costs.map((cost) => cost.heap / count / 1024));
    const range = `${Math.min(...rss).toFixed(1)} to ${Math.max(...rss).toFixed(1)}`;
    console.log(
      `| ${name === 'bare' ? 'bare ws' : `Stratal, ${name}`} | ${median(rss).toFixed(1)} | ${range} | ${heap.toFixed(1)} |`,
    );
  }
  console.log('');
}

/** What readers add to a fresh server, after collecting garbage before and with them. */
async function idleCost(readers: ReaderProcess, name: Name, count: number): Promise<{ rss: number; heap: number }> {
  const server =
    name === 'bare'
      ? await startBareServer({ nodeArguments: INSPECT })
      : await startStratal({ nodeArguments: INSPECT });
  try {
    if (name !== 'bare') await postBodies(`${server.url}/api/v1/job-runs/idle/logs`, makeBodies(1, 1), 1);
    const stream = { ...streamOf(name, 'idle'), port: server.port, marker: '\0', timed: 0 };
    await readers.open({ ...stream, readers: WARM_READERS });
    await readers.close();
    const before = await memoryOf(server);
    await readers.open({ ...stream, readers: count });
    const after = await memoryOf(server);
    await readers.close();
    return { rss: after.rss - before.rss, heap: after.heapUsed + after.external - before.heapUsed - before.external };
  } finally {
    await server.stop();
  }
}

async function benchStalled(readers: ReaderProcess, rounds: number): Promise<void> {
  const server = await startStratal({ nodeArguments: INSPECT, env: { STRATAL_TAIL_BYTES: STALL_TAIL } });
  try {
    console.log(
      `## Memory of ${STALLED} stalled readers among ${STALL_READERS}, ${STALL_LINES.toLocaleString('en')} lines at full speed\n`,
    );
    console.log('| transport | KiB held for them together, median | least to greatest |\n|---|---|---|');
    for (const name of ['websocket', 'sse', 'socketio'] as const) {
      const held: number[] = [];
      for (let round = 0; round < rounds; round++) held.push((await stalledCost(readers, server, name, round)) / 1024);
      const range = `${Math.min(...held).toFixed(0)} to ${Math.max(...held).toFixed(0)}`;
      console.log(`| ${name} | ${median(held).toFixed(0)} | ${range} |`);
    }
    console.log('');
  } finally {
    await server.stop();
  }
}

/** What is given back when the stalled readers leave, after all others have got everything. */
async function stalledCost(
  readers: ReaderProcess,
  server: ServerProcess,
  name: 'websocket' | 'sse' | 'socketio',
  round: number,
): Promise<number> {
  const run = `stalled-${name}-${round}`;
  const url = `${server.url}/api/v1/job-runs/${run}/logs`;
  const marker = `end of ${run}.`;
  await postBodies(url, makeBodies(1, 1), 1);
  await readers.open({ ...streamOf(name, run), port: server.port, readers: STALL_READERS, marker, timed: 0 });
  await readers.stall(STALLED);
  await postBodies(url, makeBodies(STALL_LINES / 1000, 1000), 4);
  await postBodies(url, [Buffer.from(`${JSON.stringify({ message: marker })}\n`)], 1);
  await readers.reached();
  const stalled = await settledMemory(server);
  await readers.dropStalled();
  const dropped = await settledMemory(server);
  await readers.close();
  return stalled - dropped;
}

/** Heap and buffers once what is under way has ended: the least of some looks. */
async function settledMemory(server: ServerProcess): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 4; look++) {
    const { heapUsed, external } = await memoryOf(server);
    least = Math.min(least, heapUsed + external);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return least;
}

/** Reads of chunks when one reader resumes after a restart, and when a crowd does. */
async function benchCrowd(readers: ReaderProcess, count: number): Promise<void> {
  let server = await startStratal();
  const run = 'crowd';
  const marker = `end of ${run}.`;
  const url = `${server.url}/api/v1/job-runs/${run}/logs`;
  // Fewer posts than make a merge worthwhile, so that the chunks stay as they are.
  const bodies = Array.from({ length: 15 }, (_, post) =>
    shortLines(CROWD_LINES / 15, post === 14 ? marker : undefined),
  );
  await postBodies(url, bodies, 1);
  console.log(
    `## ${count.toLocaleString('en')} readers that resume at once after a restart, ${CROWD_LINES - CROWD_AFTER} lines each\n`,
  );
  console.log(
    '| transport | readers | scans of the chunk index | chunk rows read | seconds until all have the last line |\n|---|---|---|---|---|',
  );
  for (const name of ['websocket', 'sse'] as const) {
    for (const crowd of [1, count]) {
      await server.halt();
      server = await startStratal({ folder: server.folder });
      const sql = openDatabase(server);
      const before = await chunkReads(sql);
      const { kind, path } = streamOf(name, run);
      const at = path.replace('after=1', `after=${CROWD_AFTER}`);
      const seconds = await timed(async () => {
        await readers.open({ kind, path: at, port: server.port, readers: crowd, marker, timed: 0 });
        await readers.reached();
      });
      const after = await chunkReads(sql);
      await readers.close();
      await sql.end({ timeout: 1 });
      console.log(
        `| ${name} | ${crowd.toLocaleString('en')} | ${after.scans - before.scans} | ${after.rows - before.rows} | ${seconds.toFixed(1)} |`,
      );
    }
  }
  console.log('');
  await server.stop();
}

async function chunkReads(sql: postgres.Sql): Promise<{ scans: number; rows: number }> {
  await new Promise((resolve) => setTimeout(resolve, STATISTICS_MS));
  const [row] = await sql<Array<{ scans: string; rows: string }>>`
    select idx_scan as scans, idx_tup_fetch as rows from pg_stat_user_tables where relname = 'log_chunks'
  `;
  return { scans: Number(row?.scans), rows: Number(row?.rows) };
}

function shortLines(count: number, last: string | undefined): Buffer {
  const lines = Array.from({ length: count }, (_, line) => `line ${line}`);
  if (last !== undefined) lines[count - 1] = last;
  return Buffer.from(lines.map((message) => `${JSON.stringify({ message })}\n`).join(''));
}
