import { Agent } from 'node:http';
import { streamOf } from './fan-out';
import { makeText } from './make-log-lines';
import { openDatabase, socketOf } from './open-database';
import type { BenchOptions } from './options';
import { post, postBodies } from './post-bodies';
import { profileArguments } from './profile';
import type { Latency } from './readers/messages';
import { ReaderProcess } from './readers/reader-process';
import { StreamReader } from './readers/stream-reader';
import { median, ratio } from './report';
import { type ServerProcess, startBareServer, startStratal } from './server-process';

const LINES_PER_SECOND = 500;
const ROUNDS = 5;
const SECONDS = 4;
/** Readers that measure, spread over all, the last among them. */
const TIMED_READERS = 25;
const SINGLE_LINES = 100;

type Name = 'websocket' | 'sse' | 'stored' | 'bare';
const TITLES: Readonly<Record<Name, string>> = {
  websocket: 'Stratal, websocket, committed first',
  sse: 'Stratal, sse, committed first',
  stored: 'bare ws, the lines of a post committed as rows first',
  bare: 'bare ws, not stored',
};
const NAMES: readonly Name[] = ['websocket', 'sse', 'stored', 'bare'];

/**
 * From the moment a line was due to be posted until a reader has it, each line stored first, at a fixed rate: a server that falls behind
 * does not slow the posting, and its delay counts in full.
 */
export async function benchLatency(options: BenchOptions): Promise<void> {
  const stratal = await startStratal({ nodeArguments: profileArguments(options.profile) });
  const bare = await startBareServer();
  const stored = await startBareServer({ socketFolder: socketOf(stratal).folder });
  const servers = { websocket: stratal, sse: stratal, stored, bare };
  const readers = new ReaderProcess();
  const rounds = options.rounds ?? ROUNDS;
  const seconds = options.seconds ?? SECONDS;
  const postSizes = options['post-lines'] === undefined ? [1, 10] : [options['post-lines']];
  const counts = options.readers ?? [50, 100, 1000];
  try {
    for (const [postLines, count] of postSizes.flatMap((size) => counts.map((count) => [size, count] as const))) {
      const results = new Map<Name, Latency[]>(NAMES.map((name) => [name, []]));
      for (let round = -1; round < rounds; round++) {
        for (const [name, latencies] of results) {
          const load = { lines: LINES_PER_SECOND * (round < 0 ? 2 : seconds), postLines };
          const latency = await pacedLoad({ readers, server: servers[name], name, count, ...load });
          if (round >= 0) latencies.push(latency);
        }
      }
      printLatencies(
        `${LINES_PER_SECOND} lines/s in posts of ${postLines}, ${count} readers, ${rounds} rounds of ${seconds} s`,
        results,
      );
    }
    if (options.readers === undefined || options.readers.includes(1)) await benchSingleLine(stratal, bare, rounds);
  } finally {
    await readers.stop();
    await bare.stop();
    await stored.stop();
    await stratal.stop();
  }
}

function printLatencies(title: string, results: ReadonlyMap<Name, Latency[]>): void {
  const of = (name: Name, key: keyof Latency) => (results.get(name) ?? []).map((latency) => latency[key] / 1000);
  console.log(`## Latency: ${title} interleaved\n`);
  console.log('| what | p50 ms | ratio to bare ws | p99 ms | ratio to bare ws |\n|---|---|---|---|---|');
  for (const name of results.keys()) {
    const cell = (key: keyof Latency) =>
      `${median(of(name, key)).toFixed(2)} | ${name === 'bare' ? '1' : ratio(of(name, key), of('bare', key))}`;
    console.log(`| ${TITLES[name]} | ${cell('p50Us')} | ${cell('p99Us')} |`);
  }
  console.log('');
}

let runs = 0;

async function pacedLoad(load: {
  readers: ReaderProcess;
  server: ServerProcess;
  name: Name;
  count: number;
  lines: number;
  postLines: number;
}): Promise<Latency> {
  const { readers, server, name, count, lines, postLines } = load;
  const run = `latency-${runs++}`;
  const marker = `end of ${run}.`;
  const isBare = name === 'bare' || name === 'stored';
  const url = isBare ? server.url : `${server.url}/api/v1/job-runs/${run}/logs`;
  if (!isBare) await postBodies(url, [lineBody('first')], 1);
  await readers.open({
    ...streamOf(isBare ? 'bare' : name, run),
    port: server.port,
    readers: count,
    marker,
    timed: Math.min(count, TIMED_READERS),
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const intervalUs = (1e6 * postLines) / LINES_PER_SECOND;
  const startUs = nowUs() + 20_000;
  const posts: Promise<void>[] = [];
  for (let sent = 0; sent < lines; sent += postLines) {
    const dueUs = await until(startUs + (sent / postLines) * intervalUs);
    const body = Array.from({ length: postLines }, (_, line) =>
      lineBody(`t=${Math.round(dueUs)} ${makeText(sent + line)}`),
    );
    posts.push(post(url, Buffer.concat(body), agent));
  }
  await Promise.all(posts);
  await postBodies(url, [lineBody(marker)], 1);
  const { latency } = await readers.reached();
  await readers.close();
  agent.destroy();
  if (!latency) throw new Error(`${name}: no reader measured`);
  return latency;
}

/** One line to one reader, one after the other: against a row committed by postgres.js and then a bare send. */
async function benchSingleLine(stratal: ServerProcess, bare: ServerProcess, rounds: number): Promise<void> {
  const sql = openDatabase(stratal);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const bareAgent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    await sql`create table single_rows (id bigserial primary key, at timestamptz default now(), message text)`;
    const url = `${stratal.url}/api/v1/job-runs/single/logs`;
    await post(url, lineBody('first'), agent);
    const ours = await OneReader.open(stratal, 'websocket', 'single');
    const theirs = await OneReader.open(bare, 'bare', 'single');
    const times = { ours: [] as number[], row: [] as number[], send: [] as number[] };
    for (let round = -1; round < rounds; round++) {
      const slices = { ours: [] as number[], row: [] as number[], send: [] as number[] };
      for (let line = 0; line < SINGLE_LINES; line++) {
        const message = makeText(line);
        slices.ours.push(await ours.timeLine((body) => post(url, body, agent), message));
        const start = nowUs();
        await sql`insert into single_rows (message) values (${message})`;
        slices.row.push(nowUs() - start);
        slices.send.push(await theirs.timeLine((body) => post(bare.url, body, bareAgent), message));
      }
      if (round < 0) continue; // Warm-up.
      times.ours.push(median(slices.ours));
      times.row.push(median(slices.row));
      times.send.push(median(slices.send));
    }
    ours.close();
    theirs.close();
    const yardstick = times.row.map((row, round) => row + (times.send[round] ?? 0));
    const ms = (values: number[]) => (median(values) / 1000).toFixed(2);
    console.log(`## Latency: one line to one reader, ${rounds} rounds of ${SINGLE_LINES} lines, each in turn\n`);
    console.log('| what | median ms | ratio |\n|---|---|---|');
    console.log(`| Stratal, raw WebSocket, committed first | ${ms(times.ours)} | ${ratio(times.ours, yardstick)} |`);
    console.log(`| a row committed by postgres.js, then a bare send | ${ms(yardstick)} | 1 |`);
    console.log(`| … of which the row | ${ms(times.row)} | |`);
    console.log(`| … of which post and send | ${ms(times.send)} | |\n`);
  } finally {
    agent.destroy();
    bareAgent.destroy();
    await sql.end({ timeout: 1 });
  }
}

/** One reader in this process, for lines sent one after the other. */
class OneReader {
  #tell: () => void = () => {};
  #reader: StreamReader | undefined;

  static async open(server: ServerProcess, name: 'websocket' | 'bare', run: string): Promise<OneReader> {
    const one = new OneReader();
    const { kind, path } = streamOf(name, run);
    const onTime = () => one.#tell();
    const options = {
      kind,
      port: server.port,
      path,
      marker: '\0',
      onMarker: () => {},
      looksAt: 'times' as const,
      onTime,
    };
    one.#reader = await StreamReader.open(options, (error) => {
      throw error;
    });
    return one;
  }

  /** Microseconds from the post to the line's arrival. */
  async timeLine(send: (body: Buffer) => Promise<void>, message: string): Promise<number> {
    const came = new Promise<number>((resolve) => {
      this.#tell = () => resolve(nowUs());
    });
    const start = nowUs();
    const posted = send(lineBody(`t=${start} ${message}`));
    const took = (await came) - start;
    await posted;
    return took;
  }

  close(): void {
    this.#reader?.close();
  }
}

function lineBody(message: string): Buffer {
  return Buffer.from(`${JSON.stringify({ level: 'info', message })}\n`);
}

/** The clock that all processes of the machine share. */
function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Timers come so much late at most; what is later is the load's own delay, and counts. */
const TIMER_US = 1500;

/**
 * Waits for a moment, and gives the one that counts: when the timer came, where it was not late. Looking at the clock without end would
 * take one of two processors from the servers.
 */
async function until(dueUs: number): Promise<number> {
  for (let left = dueUs - nowUs(); left > 0; left = dueUs - nowUs()) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, Math.floor(left / 1000))));
  }
  const now = nowUs();
  return now - dueUs < TIMER_US ? now : dueUs;
}
