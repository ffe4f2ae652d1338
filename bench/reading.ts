import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { requiredLiterals } from '@/lib/protocol/text-regex-literal';
import { type Live, liveDelay } from './live-delay';
import { makeBodies } from './make-log-lines';
import { openDatabase } from './open-database';
import { postBodies } from './post-bodies';
import { drain, readText } from './read-answer';
import { median, ratio, timed } from './report';
import { type ServerProcess, startStratal } from './server-process';
import { settledChunks } from './settled-chunks';

/** `STRATAL_BENCH_LINES=200000 npm run bench -- reading` is a quick look; 10 million is what is documented. */
const LINES = Number(process.env.STRATAL_BENCH_LINES ?? 10_000_000);
const LINES_PER_POST = 2000;
const POSTS_AT_ONCE = 500;
const ROUNDS = 5;
const RUN = 'reading';
/** Of one process that is load for others. */
const ANSWERS_PER_PROCESS = 400;
/** As our workers run; the programs that they are held against do too, so that what else runs slows both alike. */
const YIELDING = ['-n', '10', 'chrt', '-i', '0'];
/** A word that so many lines have: what a search is for. */
const RARE = { word: 'zyzzyva', every: 1_000_003 };
const COMMON = 'user=50';

/** An expression that has no text which every match needs, so that the engine sees each line. */
const COSTLY_PATTERN = '[0-9a-f]{7}[89][^a-z][a-z]+[=:][89][89][0-9]';
const COSTLY = `/${COSTLY_PATTERN}/`;
if (requiredLiterals(COSTLY_PATTERN).length > 0) throw new Error('Lines without a text would be left out unseen.');

interface Query {
  name: string;
  q: string;
  /** The same for `zgrep -i`. */
  grep: string[];
}
const QUERIES: Query[] = [
  { name: 'a rare word', q: RARE.word, grep: ['-F', RARE.word] },
  { name: 'a common text', q: COMMON, grep: ['-F', COMMON] },
  {
    name: 'an expression with a required text',
    q: '/user=7[0-9]{2} .*took 8[0-9]+ ms/',
    grep: ['-E', 'user=7[0-9]{2} .*took 8[0-9]+ ms'],
  },
  {
    name: 'an expression without one',
    q: COSTLY,
    grep: ['-E', COSTLY_PATTERN],
  },
];

/** Reading in one large run: pages anywhere, counts, searches against zgrep, a download against gzip -dc, and what live readers notice. */
export async function benchReading(): Promise<void> {
  const server = await startStratal();
  try {
    const zipped = path.join(server.folder, 'same.gz');
    const base = `${server.url}/api/v1/logs/job-runs/${RUN}`;
    await fill(server, base, zipped);
    await pages(base);
    await searches(base, zipped);
    await downloads(server, zipped);
    await live(server, base);
  } finally {
    await server.stop();
  }
}

async function fill(server: ServerProcess, base: string, zipped: string): Promise<void> {
  const sql = openDatabase(server);
  try {
    const seconds = await timed(async () => {
      for (let line = 0; line < LINES; line += POSTS_AT_ONCE * LINES_PER_POST) {
        const posts = Math.min(POSTS_AT_ONCE, Math.ceil((LINES - line) / LINES_PER_POST));
        const bodies = makeBodies(posts, LINES_PER_POST, { firstIndex: line, extra: rareIn });
        await postBodies(`${server.url}/api/v1/job-runs/${RUN}/logs`, bodies, 4);
      }
    });
    const chunks = await settledChunks(sql);
    await sql`vacuum analyze log_chunks`;
    // Written by the product itself; the searches compare counts with zgrep's, and the download with its bytes.
    const answer = await fetch(`${base}/download?format=raw`);
    if (!answer.body) throw new Error(`the download was answered with ${answer.status}`);
    await pipeline(answer.body, createGzip(), createWriteStream(zipped));
    console.log(
      `## Reading in a run of ${LINES.toLocaleString('en')} lines in ${chunks} chunks (filled in ${seconds.toFixed(0)} s)\n`,
    );
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Every so many lines one has the rare word. */
function rareIn(index: number): string {
  return index % RARE.every === RARE.every >> 2 ? ` ${RARE.word}` : '';
}

/** Of a page of 1,000 somewhere in the run, another one each round. */
function offsetIn(round: number): number {
  return ((round + 2) * 7_919_017) % Math.max(1, LINES - 1000);
}

async function pages(base: string): Promise<void> {
  const times: Record<string, number[]> = { first: [], anywhere: [], filtered: [], facets: [], volume: [] };
  const note = async (name: string, query: string) => times[name]?.push(await timed(() => readText(`${base}${query}`)));
  for (let round = -1; round < ROUNDS * 4; round++) {
    const offset = offsetIn(round);
    if (round === 0) for (const list of Object.values(times)) list.length = 0;
    await note('first', '?limit=1000');
    await note('anywhere', `?limit=1000&offset=${offset}`);
    await note('filtered', `?limit=1000&offset=${Math.floor(offset / 12)}&level=warn`);
    await note('facets', '/facets');
    await note('volume', '/volume?buckets=100');
  }
  console.log('| what | ms (median) | ratio to the first page |\n|---|---|---|');
  const row = (words: string, name: string) => {
    const list = times[name] ?? [];
    console.log(`| ${words} | ${(median(list) * 1000).toFixed(1)} | ${ratio(list, times.first ?? [])} |`);
  };
  row('first page of 1,000', 'first');
  row('page of 1,000 at another offset each time', 'anywhere');
  row('the same of lines of one level', 'filtered');
  row('facets with the total', 'facets');
  row('volume in 100 stretches', 'volume');
  console.log();
}

async function searches(base: string, zipped: string): Promise<void> {
  console.log('| search | matches | seconds (median) | speed against zgrep -c |\n|---|---|---|---|');
  for (const { name, q, grep } of QUERIES) {
    const times: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
    let found = '';
    for (let round = 0; round < ROUNDS; round++) {
      times.ours.push(
        await timed(async () => {
          const text = await readText(`${base}/search?limit=1000000&q=${encodeURIComponent(q)}`);
          found = /\{"total":(\d+),"complete":true\}\n$/.exec(text)?.[1] ?? text.slice(-200);
        }),
      );
      let counted = '';
      times.theirs.push(await timed(async () => (counted = await output('zgrep', ['-i', '-c', ...grep, zipped]))));
      if (counted.trim() !== found) throw new Error(`${name}: ${found} found, ${counted.trim()} by zgrep`);
    }
    console.log(
      `| ${name}: \`${q}\` | ${found} | ${median(times.ours).toFixed(2)} | ${ratio(times.theirs, times.ours)} |`,
    );
  }
  console.log();
}

/** A program's output, in the locale that is fastest for it. */
async function output(command: string, args: readonly string[]): Promise<string> {
  const child = spawn('nice', [...YIELDING, command, ...args], {
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  await once(child, 'close');
  return text;
}

async function downloads(server: ServerProcess, zipped: string): Promise<void> {
  const times: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  const gunzip = await serveGunzip(zipped);
  const address = gunzip.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    times.ours.push(
      await timed(async () => (bytes = await drain(server.port, `/api/v1/logs/job-runs/${RUN}/download?format=raw`))),
    );
    times.theirs.push(await timed(() => drain(port)));
  }
  gunzip.close();
  console.log(
    `Download, raw: ${(bytes / 1e6).toFixed(0)} MB in ${median(times.ours).toFixed(2)} s, ${ratio(times.theirs, times.ours)} × the speed of gzip -dc into a socket\n`,
  );
}

/** Writes the unzipped file to whoever connects, from the process itself. */
async function serveGunzip(zipped: string): Promise<Server> {
  const server = createServer({ pauseOnConnect: true }, (socket: Socket) => {
    const child = spawn('nice', [...YIELDING, 'gzip', '-dc', zipped], { stdio: ['ignore', socket, 'inherit'] });
    child.once('close', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** What a line takes to live readers, alone, and while what was measured before goes on without end. */
async function live(server: ServerProcess, base: string): Promise<void> {
  const quiet: Live[] = [];
  const busy = new Map<string, Live[]>();
  for (let round = 0; round < ROUNDS; round++) {
    quiet.push(await liveDelay(server, `quiet-${round}`));
    for (const [name, start] of Object.entries(loadsOf(base, round))) {
      const load = start();
      try {
        const list = busy.get(name) ?? [];
        list.push(await liveDelay(server, `${name}-${round}`.replaceAll(/[^a-z0-9]+/g, '-')));
        busy.set(name, list);
      } finally {
        await Promise.all(load.map((one) => one.stop()));
      }
    }
  }
  const p = (list: Live[], which: keyof Live) => list.map((one) => one[which]);
  const middle = (list: number[]) => median(list).toFixed(1);
  console.log(
    '| a line to 10 live readers, beside | p50, ms | p99, ms | p50 against nothing | p99 |\n|---|---|---|---|---|',
  );
  console.log(`| nothing | ${middle(p(quiet, 'p50'))} | ${middle(p(quiet, 'p99'))} | 1 | 1 |`);
  for (const [name, list] of busy) {
    const [p50, p99] = [p(list, 'p50'), p(list, 'p99')];
    const ratios = `${ratio(p50, p(quiet, 'p50'))} | ${ratio(p99, p(quiet, 'p99'))}`;
    console.log(`| ${name} | ${middle(p50)} | ${middle(p99)} | ${ratios} |`);
  }
  console.log();
}

/** What goes on without end; the first only to see what the machine itself takes where its processors are busy. */
function loadsOf(base: string, round: number): Record<string, () => Load[]> {
  const pages = ['?limit=1000', `?limit=1000&offset=${offsetIn(round)}`, '/facets', '/volume?buckets=100'];
  const search = () => new Repeated([`${base}/search?limit=1000000&q=${encodeURIComponent(COSTLY)}`]);
  const download = () => new Repeated([`${base}/download?format=raw`]);
  const paging = () => new Repeated(pages.map((query) => `${base}${query}`));
  return {
    'two processes that only count, as low as our threads': () => [new Counting(), new Counting()],
    'a search': () => [search()],
    'a download': () => [download()],
    'pages, facets and volume': () => [paging()],
    'all three at once': () => [search(), download(), paging()],
  };
}

const COUNT = 'for (const end = Date.now() + 600_000; Date.now() < end; );';

interface Load {
  stop(): Promise<void>;
}

/** A process that needs nothing but a processor; it ends by itself where nobody is left to stop it. */
class Counting implements Load {
  readonly #child = spawn('nice', [...YIELDING, process.execPath, '-e', COUNT], { stdio: 'ignore' });

  async stop(): Promise<void> {
    const gone = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

/**
 * Reads answers in turn, again and again, in a process of its own, so that the one that measures has nothing else to do: starting one takes it some
 * milliseconds, so each reads many.
 */
class Repeated implements Load {
  readonly #urls: readonly string[];
  readonly #over: Promise<void>;
  #child: ChildProcess | undefined;
  #isStopped = false;

  constructor(urls: readonly string[]) {
    this.#urls = urls;
    this.#over = this.#run();
    // `stop` tells of it: until then it must not end the process, which leaves servers behind.
    this.#over.catch(() => {});
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#child?.kill();
    await this.#over;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const turn = this.#urls.flatMap((url) => ['-o', '/dev/null', url]);
      const answers = Array.from({ length: ANSWERS_PER_PROCESS / this.#urls.length }, () => turn).flat();
      this.#child = spawn('curl', ['-sf', '--fail-early', ...answers], { stdio: 'ignore' });
      const [code] = await once(this.#child, 'close');
      // A load that is refused would be none.
      if (code !== 0 && !this.#isStopped) throw new Error(`${this.#urls.join(' ')}: curl ended with ${code}`);
    }
  }
}
