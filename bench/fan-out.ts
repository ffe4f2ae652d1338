import { z } from 'zod';
import { makeBodies } from './make-log-lines';
import type { BenchOptions } from './options';
import { postBodies } from './post-bodies';
import { cpuSeconds } from './process-usage';
import { profileArguments } from './profile';
import { ReaderProcess } from './readers/reader-process';
import type { StreamKind } from './readers/stream-reader';
import { median, perSecond, ratio, timed } from './report';
import { type ServerProcess, startBareServer, startStratal } from './server-process';

const LINES_PER_POST = 100;
const IN_FLIGHT = 4;
/** Posts of a round by readers, so that a round takes seconds: Stratal's, and those of the server that is so much slower. */
const LOADS: Record<number, { posts: number; barePosts: number; rounds: number }> = {
  1: { posts: 200, barePosts: 200, rounds: 5 },
  100: { posts: 100, barePosts: 20, rounds: 5 },
  1000: { posts: 20, barePosts: 2, rounds: 5 },
  10000: { posts: 4, barePosts: 1, rounds: 3 },
};
const NAMES = ['websocket', 'sse', 'sse-handler', 'socketio'] as const;
type Name = (typeof NAMES)[number];
/** Held by so many readers by default; a reader of these costs too much memory for 10,000 beside the load. */
const READERS_MAX: Partial<Record<Name, number>> = { 'sse-handler': 1000, socketio: 1000 };

/**
 * How far readers of one load may be apart: pings of two bytes, less than the shortest line. On Socket.IO a packet holds as many lines as
 * were there for it, and each has its own frame.
 */
const BYTES_APART_MAX: Record<Name | 'bare', number> = {
  websocket: 100,
  sse: 100,
  'sse-handler': 100,
  bare: 100,
  socketio: 2048,
};

interface Delivery {
  linesPerSecond: number;
  /** Processor time of the server's Node process for each line delivered. */
  cpuUs: number;
}

/**
 * Delivered lines a second to many readers of one run, by transport: Stratal, which stores each line first, against a bare `ws` server
 * that sends line by line and stores nothing.
 */
export async function benchFanOut(options: BenchOptions): Promise<void> {
  const names = z.array(z.enum(NAMES)).parse(options.transports ?? [...NAMES]);
  const direct = await startStratal({ nodeArguments: profileArguments(options.profile) });
  const handler = names.includes('sse-handler') ? await startStratal({ env: { STRATAL_SSE: 'handler' } }) : undefined;
  const bare = await startBareServer();
  const readers = new ReaderProcess();
  try {
    for (const count of options.readers ?? [1, 100, 1000, 10_000]) {
      const wanted = names.filter((name) => options.transports || count <= (READERS_MAX[name] ?? count));
      const servers = { direct, handler: handler ?? direct, bare };
      await benchReaders({ readers, servers, count, names: wanted, options });
    }
  } finally {
    await readers.stop();
    await bare.stop();
    await handler?.stop();
    await direct.stop();
  }
}

async function benchReaders(bench: {
  readers: ReaderProcess;
  servers: { direct: ServerProcess; handler: ServerProcess; bare: ServerProcess };
  count: number;
  names: Name[];
  options: BenchOptions;
}): Promise<void> {
  const { readers, servers, count, names, options } = bench;
  const load = LOADS[count] ?? { posts: 20, barePosts: 4, rounds: 3 };
  const inFlight = options['in-flight'] ?? IN_FLIGHT;
  const rounds = options.rounds ?? load.rounds;
  const results = new Map<Name | 'bare', Delivery[]>([...names, 'bare' as const].map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, deliveries] of results) {
      const server = name === 'bare' ? servers.bare : name === 'sse-handler' ? servers.handler : servers.direct;
      // The first round warms up, and needs no more than that; in it every reader counts its lines.
      const posts = name === 'bare' ? load.barePosts : load.posts;
      const delivery = await deliver({
        readers,
        server,
        name,
        count,
        posts: round < 0 ? Math.min(posts, 50) : posts,
        inFlight,
        allCount: round < 0,
      });
      if (round >= 0) deliveries.push(delivery);
    }
  }
  const rates = (name: Name | 'bare') => (results.get(name) ?? []).map(({ linesPerSecond }) => linesPerSecond);
  console.log(
    `## Fan-out to ${count.toLocaleString('en')} readers, posts of ${LINES_PER_POST} lines, ${inFlight} in flight, ${rounds} rounds interleaved\n`,
  );
  console.log('| what | delivered lines/s (median round) | ratio to bare ws | CPU µs of the server a delivered line |');
  console.log('|---|---|---|---|');
  for (const [name, deliveries] of results) {
    const cpu = median(deliveries.map(({ cpuUs }) => cpuUs)).toFixed(2);
    const compared = name === 'bare' ? '1' : ratio(rates(name), rates('bare'));
    const title = name === 'bare' ? 'bare ws, a send per line and reader' : `Stratal, ${name}, committed first`;
    console.log(`| ${title} | ${perSecond(median(rates(name)), 1)} | ${compared} | ${cpu} |`);
  }
  console.log('');
}

let runs = 0;

async function deliver(load: {
  readers: ReaderProcess;
  server: ServerProcess;
  name: Name | 'bare';
  count: number;
  posts: number;
  inFlight: number;
  allCount: boolean;
}): Promise<Delivery> {
  const { readers, server, name, count, posts, inFlight, allCount } = load;
  const run = `fan-out-${runs++}`;
  const marker = `end of ${run}.`;
  const url = name === 'bare' ? server.url : `${server.url}/api/v1/job-runs/${run}/logs`;
  // Makes the run.
  if (name !== 'bare') await postBodies(url, makeBodies(1, 1), 1);
  await readers.open({ ...streamOf(name, run), port: server.port, readers: count, marker, timed: 0, allCount });
  const bodies = makeBodies(posts, LINES_PER_POST);
  const before = cpuSeconds(server.pid);
  const seconds = await timed(async () => {
    await postBodies(url, bodies, inFlight);
    await Promise.all([
      readers.reached(),
      postBodies(url, [Buffer.from(`${JSON.stringify({ level: 'info', message: marker })}\n`)], 1),
    ]);
  });
  const cpu = cpuSeconds(server.pid) - before;
  const { leastLines = 0, mostLines = 0, leastBytes = 0, mostBytes = 0 } = await readers.reached();
  await readers.close();
  const sent = posts * LINES_PER_POST + 1;
  if (leastLines !== sent || mostLines !== sent) {
    throw new Error(`${name}: counting readers got ${leastLines} to ${mostLines} lines of ${sent}`);
  }
  // Those that do not count get the same lines.
  if (mostBytes - leastBytes > BYTES_APART_MAX[name])
    throw new Error(`${name}: readers got ${leastBytes} to ${mostBytes} bytes`);
  return { linesPerSecond: (sent * count) / seconds, cpuUs: (cpu * 1e6) / (sent * count) };
}

/** How a reader of a transport opens the stream of a run behind its first line. */
export function streamOf(
  name: Name | 'bare',
  run: string,
): { kind: StreamKind; path: string; subscribe?: { job_run_id: string; after: number } } {
  const query = `?job_run_id=${run}&after=1`;
  switch (name) {
    case 'bare':
      return { kind: 'websocket', path: '/' };
    case 'websocket':
      return { kind: 'websocket', path: `/api/v1/logs/stream/ws${query}` };
    case 'sse':
    case 'sse-handler':
      return { kind: 'sse', path: `/api/v1/logs/stream/sse${query}` };
    case 'socketio':
      return {
        kind: 'socketio',
        path: '/socket.io/?EIO=4&transport=websocket',
        subscribe: { job_run_id: run, after: 1 },
      };
  }
}
