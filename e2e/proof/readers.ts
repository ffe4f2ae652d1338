import { freshId } from '@/e2e/api-client';
import { createRun, finishRun } from '@/e2e/rest-client';
import { seeded } from '@/e2e/seeded';
import type { StratalServer } from '@/e2e/stratal-server';
import { ProofProducer } from './proof-producer';
import { type OpenConnection, RawReader, type RunPlace } from './raw-reader';
import { READER_KINDS } from './reader-kinds';
import { type PlannedReader, planReaders, SOAK_FILTERS } from './reader-plan';
import { ServerPair } from './server-pair';
import { readStoredRuns } from './store-pages';
import { TcpProxy } from './tcp-proxy';
import type { StoredRun, Violation } from './transcript';
import { checkTranscripts } from './transcript-check';
import { until } from './until';

export interface ReadersOptions {
  seed: number;
  /** Lines appended, all runs together. */
  lines: number;
  readers: number;
  /** Connections cut; each second one comes with a stall, a slow time or a half-close of another. */
  cuts: number;
  /** SIGKILLs of a server. */
  kills: number;
  /** The longest that a reader takes nothing, in milliseconds. */
  stallMs: number;
  log: (text: string) => void;
}

export interface ReaderRow {
  reader: string;
  readers: number;
  /** Those of them that have a filter. */
  filtered: number;
  lines: number;
  connections: number;
  resets: number;
  broken: number;
}

const RUNS = 5;
/** A reader that sees nothing new for so long after the end will not see more. */
const IDLE_MS = 60_000;
const RETRY_MS = 50;
const SLOW_BYTES_PER_SECOND = 1000;

/** Readers of every kind on a bad network while lines are appended and servers are killed: each must see what is stored, line by line. */
export async function soakReaders(options: ReadersOptions): Promise<{ rows: ReaderRow[]; violations: Violation[] }> {
  const pair = await ServerPair.start();
  const soak = new ReadersSoak(pair, options);
  try {
    await soak.connect();
    await soak.append();
    return await soak.conclude();
  } finally {
    await soak.stop();
    await pair.close();
  }
}

interface SoakReader {
  reader: RawReader;
  proxy: TcpProxy;
}

class ReadersSoak {
  readonly #pair: ServerPair;
  readonly #options: ReadersOptions;
  readonly #random: () => number;
  readonly #runs: RunPlace[];
  readonly #readers: SoakReader[] = [];
  readonly #producers: ProofProducer[];
  /** Small enough that cuts and kills find batches between them, however few lines there are. */
  readonly #batchMax: number;
  #appended = 0;
  /** What still waits for lines to be appended gives up. */
  #isStopped = false;

  constructor(pair: ServerPair, options: ReadersOptions) {
    this.#pair = pair;
    this.#options = options;
    this.#random = seeded(options.seed);
    this.#batchMax = Math.min(1000, Math.ceil(options.lines / 200));
    this.#runs = Array.from({ length: RUNS }, (_, place) => ({ place, id: freshId('soak') }));
    this.#producers = this.#runs.map((run) => {
      const level = (index: number) => (index % 10 === 0 ? 'error' : 'info');
      const rest = (index: number) =>
        `${index % 7 === 0 ? 'needle' : 'straw'} ${String(index * 7919).padStart(12, '0')} of some hundred bytes, as lines are, in run ${run.place}`;
      return new ProofProducer({ name: `p${run.place}`, run, rest, level });
    });
  }

  /** Readers of the global stream first: they are to see the runs from their beginning. */
  async connect(): Promise<void> {
    const anchor = new RawReader('sse', this.#open('sse'), {
      name: 'anchor',
      runs: [],
      target: () => this.#pair.direct.url,
    });
    anchor.start();
    await until(() => anchor.isPlaced, IDLE_MS);
    const after = anchor.cursor;
    await anchor.stop();
    for (const { id } of this.#runs) await createRun(this.#pair.direct.url, id);
    for (const [index, planned] of planReaders(this.#options.readers).entries()) {
      await this.#addReader(planned, index, after);
    }
  }

  async append(): Promise<void> {
    const { lines, cuts, kills } = this.#options;
    const faults = this.#spread(cuts, () => this.#disturb());
    const deaths = this.#spread(kills, (turn) => this.#kill(turn));
    const share = Math.floor(lines / this.#producers.length);
    await Promise.all([...this.#producers.map((producer) => this.#produce(producer, share)), faults, deaths]);
    for (const { id } of this.#runs) await finishRun(this.#pair.direct.url, id);
    this.#options.log(`${this.#appended} lines are appended`);
  }

  async conclude(): Promise<{ rows: ReaderRow[]; violations: Violation[] }> {
    const runs = await readStoredRuns({
      url: this.#pair.direct.url,
      runIds: this.#runs.map(({ id }) => id),
      producers: this.#producers.map(({ record }) => record.name),
      filters: SOAK_FILTERS,
    });
    await this.#untilRead(runs);
    const violations = checkTranscripts({
      runs,
      producers: this.#producers.map(({ record }) => record),
      readers: this.#readers.map(({ reader }) => reader.record),
    });
    return { rows: this.#rows(violations), violations };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#readers.map(({ reader }) => reader.stop()));
    await Promise.all(this.#readers.map(({ proxy }) => proxy.close()));
  }

  #open(kind: string): OpenConnection {
    const open = READER_KINDS[kind];
    if (!open) throw new TypeError(`there is no reader ${kind}`);
    return open;
  }

  async #addReader({ kind, filter }: PlannedReader, index: number, after: string | undefined): Promise<void> {
    const { server, jobsOnly } = kind;
    const proxy = await TcpProxy.open(() => (server ? this.#pair[server] : this.#anyServer()).port);
    const isGlobal = !jobsOnly && this.#random() < 0.4;
    const run = isGlobal ? undefined : this.#runs[Math.floor(this.#random() * RUNS)];
    const what = [kind.name, run ? `run ${run.place}` : 'global', ...(filter ? Object.values(filter.query) : [])];
    const reader = new RawReader(kind.name, kind.open, {
      name: `${index} (${what.join(', ')})`,
      run,
      runs: this.#runs,
      filter,
      ...(isGlobal && { after }),
      target: () => proxy.url,
    });
    this.#readers.push({ reader, proxy });
    reader.start();
  }

  #anyServer(): StratalServer {
    return this.#random() < 0.5 ? this.#pair.direct : this.#pair.handler;
  }

  /** Sends until all is acknowledged, cut anew at each attempt. */
  async #produce(producer: ProofProducer, total: number): Promise<void> {
    while (producer.position < total && !this.#isStopped) {
      const from = producer.position;
      const to = Math.min(total, from + 1 + Math.floor(this.#random() * this.#batchMax));
      const answer = await producer.send(this.#anyServer().url, from, to);
      this.#appended += producer.position - from;
      if (answer && answer.status !== 200 && answer.status < 500) {
        throw new Error(`producer ${producer.record.name} was answered ${JSON.stringify(answer)}`);
      }
      if (answer?.status !== 200) await until(() => false, RETRY_MS);
    }
  }

  /** Does something `count` times, each time when that part of the lines is appended. */
  async #spread(count: number, act: (turn: number) => void | Promise<void>): Promise<void> {
    for (let turn = 1; turn <= count; turn++) {
      const at = (this.#options.lines * turn) / (count + 1);
      await until(() => this.#isStopped || this.#appended >= at, Number.POSITIVE_INFINITY);
      if (this.#isStopped) return;
      await act(turn);
    }
  }

  #disturb(): void {
    this.#anyReader().proxy.cut();
    if (this.#random() < 0.5) return;
    const { reader, proxy } = this.#anyReader();
    const ms = 200 + this.#random() * this.#options.stallMs;
    switch (Math.floor(this.#random() * 4)) {
      case 0:
        reader.noteStall();
        proxy.stall(ms);
        break;
      case 1:
        reader.noteStall();
        proxy.slow(SLOW_BYTES_PER_SECOND, ms);
        break;
      case 2:
        proxy.halfClose('reader');
        break;
      default:
        proxy.halfClose('server');
    }
  }

  #anyReader(): SoakReader {
    const found = this.#readers[Math.floor(this.#random() * this.#readers.length)];
    if (!found) throw new RangeError('there is no reader');
    return found;
  }

  async #kill(turn: number): Promise<void> {
    const server = turn % 2 === 1 ? this.#pair.direct : this.#pair.handler;
    await server.stop('SIGKILL');
    await server.startAgain();
    this.#options.log(`killed and started again at ${this.#appended} lines`);
  }

  /** Waits until each reader has the last line that it is to see, or sees nothing new any more. */
  async #untilRead(runs: readonly StoredRun[]): Promise<void> {
    let seen = -1;
    let changedAt = performance.now();
    await until(() => {
      const now = this.#readers.reduce((sum, { reader }) => sum + reader.record.lines.length, 0);
      if (now !== seen) {
        seen = now;
        changedAt = performance.now();
      }
      return this.#readers.every(({ reader }) => isDone(reader, runs)) || performance.now() - changedAt > IDLE_MS;
    }, Number.POSITIVE_INFINITY);
  }

  #rows(violations: readonly Violation[]): ReaderRow[] {
    const rows = new Map<string, ReaderRow>();
    for (const { reader } of this.#readers) {
      const { kind, record } = reader;
      const row = rows.get(kind) ?? {
        reader: kind,
        readers: 0,
        filtered: 0,
        lines: 0,
        connections: 0,
        resets: 0,
        broken: 0,
      };
      row.readers += 1;
      if (record.filter !== 0) row.filtered += 1;
      row.lines += record.lines.length;
      row.connections += reader.connections;
      row.resets += record.marks.filter((mark) => mark.kind === 'reset').length;
      row.broken += violations.filter(({ who }) => who === `reader ${record.name}`).length;
      rows.set(kind, row);
    }
    return [...rows.values()];
  }
}

function isDone(reader: RawReader, runs: readonly StoredRun[]): boolean {
  const { record } = reader;
  if (!record.isGlobal) return reader.isOver;
  return record.runs.every((place) => {
    const run = runs[place];
    return run === undefined || reader.lastOf(place) >= lastFor(run, record.filter);
  });
}

/** The newest line that a filter lets through. */
function lastFor({ lines }: StoredRun, filter: number): number {
  for (let at = lines.id.length - 1; at >= 0; at--) {
    if (filter === 0 || (lines.admitted.at(at) & filter) !== 0) return lines.id.at(at);
  }
  return 0;
}
