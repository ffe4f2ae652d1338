import { freshId } from '@/e2e/api-client';
import { createRun, finishRun, readRun } from '@/e2e/rest-client';
import type { LogMessage } from '@/lib/protocol/log-message';
import { ProofProducer } from './proof-producer';
import { RawReader, type ReaderOptions } from './raw-reader';
import { READER_KINDS } from './reader-kinds';
import { FAILING_COMMIT } from './sabotages';
import { readStoredRuns } from './store-pages';
import type { Evidence, ReaderRecord } from './transcript';
import { until } from './until';

/** A broken server may never get there; a good one takes some milliseconds. */
const WAIT_MS = 4000;
/** Lines for each of which the store is asked when it is seen. */
const LOOKS_MAX = 100;
const ERRORS = { bit: 1, query: { level: 'error' } };

/**
 * A small day in the life of a server, in which every promise of docs/testing.md is put to use once: repeated batches, a bad one, a long line,
 * readers of each kind that are cut and come back, and one that takes nothing for a while.
 */
export async function observeScenario(url: string): Promise<Evidence> {
  const scenario = new Scenario(url);
  try {
    await scenario.readSlowly();
    await scenario.followFromTheStart();
    await scenario.produce();
    await scenario.resume();
    return await scenario.conclude();
  } finally {
    await scenario.stop();
  }
}

class Scenario {
  readonly #url: string;
  readonly #runs = [freshId('main'), freshId('slow')].map((id, place) => ({ id, place }));
  readonly #readers: RawReader[] = [];
  readonly #producers: ProofProducer[] = [];
  readonly #looks: Array<Promise<{ run: number; id: number; last: number }>> = [];
  #slow: RawReader | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /** A reader of a run of its own takes nothing while three times its bound is stored. */
  async readSlowly(): Promise<void> {
    const run = this.#run(1);
    await createRun(this.#url, run.id);
    const slow = this.#reader('socket.io', { name: 'slow', run });
    this.#slow = slow;
    await until(() => slow.lastOf(run.place) === 1, WAIT_MS);
    slow.pause();
    const producer = this.#producer('bulk', 1, () => 'x'.repeat(1000));
    for (let from = 0; from < 800; from += 200) await producer.send(this.#url, from, from + 200);
    await until(() => slow.lastOf(run.place) > 1, WAIT_MS);
  }

  async followFromTheStart(): Promise<void> {
    const run = this.#run(0);
    this.#reader('sse', { name: 'sse, global' });
    this.#reader('stratal.v1', { name: 'stratal.v1, global, errors', filter: ERRORS });
    await until(() => this.#readers.every((reader) => reader.isPlaced), WAIT_MS);
    await createRun(this.#url, run.id);
    for (const kind of Object.keys(READER_KINDS)) this.#reader(kind, { name: kind, run });
    this.#reader('sse', { name: 'sse, errors', run, filter: ERRORS });
    const looking = (line: LogMessage) => {
      if (line.id <= LOOKS_MAX) this.#looks.push(this.#look(line));
    };
    this.#reader('sse', { name: 'sse, looking', run, onLine: looking });
    await until(() => this.#readers.every((reader) => reader.isPlaced), WAIT_MS);
  }

  async produce(): Promise<void> {
    const url = this.#url;
    const producer = this.#producer('worker', 0);
    await producer.send(url, 0, 20);
    // The answer was late: the batch again, then cut differently, then the next one twice at once.
    await producer.send(url, 0, 20);
    await producer.send(url, 10, 40);
    await Promise.all([producer.send(url, 40, 60), producer.send(url, 40, 60)]);
    await producer.send(url, 60, 80);
    const careless = this.#producer('careless', 0);
    await careless.send(url, 0, 5);
    await careless.sendBad(url, 5, 10, { json: '{"message":"bad","level":"loud"}', field: 'level' });
    // In the run of the slow reader alone: others would be slow for a moment too.
    const long = this.#producer('long', 1, (index) => (index === 1 ? 'long '.repeat(60_000) : 'short'));
    await long.send(url, 0, 3);
    const failing = this.#producer('failing', 0, () => FAILING_COMMIT);
    await failing.send(url, 0, 3);
    await producer.send(url, 80, 120);
    await this.#untilSeen(100);
  }

  /** All readers but the slow one are cut; lines come before they are back, and after. */
  async resume(): Promise<void> {
    const [producer] = this.#producers.filter(({ record }) => record.name === 'worker');
    const cut = this.#readers.filter((reader) => reader !== this.#slow);
    for (const reader of cut) reader.hold();
    await producer?.send(this.#url, 120, 180);
    for (const reader of cut) reader.release();
    await this.#untilSeen(170);
    await producer?.send(this.#url, 180, 400);
    this.#slow?.resume();
  }

  async conclude(): Promise<Evidence> {
    for (const { id } of this.#runs) await finishRun(this.#url, id);
    await until(() => this.#readers.every((reader) => reader.isOver || reader.hasSeenEnd(0)), WAIT_MS);
    const runs = await readStoredRuns({
      url: this.#url,
      runIds: this.#runs.map(({ id }) => id),
      producers: this.#producers.map(({ record }) => record.name),
      filters: [{ bit: ERRORS.bit, admits: ({ level }) => level === 'error' }],
    });
    const early = (await Promise.all(this.#looks)).filter(({ id, last }) => last < id);
    const readers = this.#readers.map((reader): ReaderRecord => {
      const { record } = reader;
      return record.name === 'sse, looking' ? { ...record, early } : record;
    });
    return { runs, producers: this.#producers.map(({ record }) => record), readers };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.stop()));
  }

  #run(place: 0 | 1) {
    const run = this.#runs[place];
    if (!run) throw new RangeError(`there is no run ${place}`);
    return run;
  }

  #reader(kind: string, options: Omit<ReaderOptions, 'target' | 'runs'>): RawReader {
    const open = READER_KINDS[kind];
    if (!open) throw new TypeError(`there is no reader ${kind}`);
    const reader = new RawReader(kind, open, { ...options, runs: [this.#run(0)], target: () => this.#url });
    this.#readers.push(reader);
    reader.start();
    return reader;
  }

  #producer(name: string, place: 0 | 1, rest: (index: number) => string = () => ''): ProofProducer {
    const level = (index: number) => (index % 3 === 0 ? 'error' : 'info');
    const producer = new ProofProducer({ name, run: this.#run(place), rest, level });
    this.#producers.push(producer);
    return producer;
  }

  /** Waits until everyone who follows the main run, whole or in part, has come about as far as that line. */
  async #untilSeen(line: number): Promise<void> {
    const others = this.#readers.filter((reader) => reader !== this.#slow);
    await until(() => others.every((reader) => reader.lastOf(0) >= line - 3), WAIT_MS);
  }

  /** What another connection to the store says of a line's run at the moment in which the line is seen. */
  async #look({ job_run_id, id }: LogMessage): Promise<{ run: number; id: number; last: number }> {
    const { line_count: last } = await readRun(this.#url, job_run_id);
    return { run: 0, id, last };
  }
}
