import { ApiClient } from '@/e2e/api-client';
import { CLOSE } from '@/lib/protocol/close-codes';
import { checkReader } from './check-reader';
import { RawReader, type RunPlace } from './raw-reader';
import { READER_KINDS } from './reader-kinds';
import { type SoakedKind, soakedKinds } from './reader-plan';
import { readStoredRuns } from './store-pages';
import type { StoredRun } from './transcript';
import { until } from './until';

const WAIT_MS = 20_000;

interface Held {
  kind: SoakedKind;
  run: RunPlace | undefined;
  reader: RawReader;
}

/** Readers of every kind, of runs and of everything, that hold cursors of a store which is then put back to an earlier copy. */
export class RestoredReaders {
  readonly #url: string;
  readonly #runs: readonly RunPlace[];
  readonly #kinds = soakedKinds().filter(({ server }) => server !== 'handler');
  /** Before the restore. */
  #held: Held[] = [];
  /** After it. */
  #back: Held[] = [];

  constructor(url: string, runs: readonly RunPlace[]) {
    this.#url = url;
    this.#runs = runs;
  }

  /** Those of the global stream, from before the first line. */
  async openGlobal(): Promise<void> {
    const sse = { name: 'anchor', open: READER_KINDS.sse ?? missing() };
    const anchor = this.#start(sse, undefined, undefined);
    await until(() => anchor.reader.isPlaced, WAIT_MS);
    await anchor.reader.stop();
    for (const kind of this.#kinds) {
      if (!kind.jobsOnly) this.#held.push(this.#start(kind, undefined, anchor.reader.cursor));
    }
  }

  /** Those of runs too; until all have the last lines, by the runs' places. Then they leave. */
  async readUntil(lasts: readonly number[]): Promise<string[]> {
    for (const run of this.#runs) {
      for (const kind of this.#kinds) this.#held.push(this.#start(kind, run, undefined));
    }
    const hasAll = ({ run, reader }: Held) =>
      this.#runs.every(({ place }) => (run && run.place !== place) || reader.lastOf(place) >= (lasts[place] ?? 0));
    await until(() => this.#held.every(hasAll), WAIT_MS);
    await Promise.all(this.#held.map(({ reader }) => reader.stop()));
    return this.#held.filter((held) => !hasAll(held)).map((held) => `${nameOf(held)} missed lines before the restore`);
  }

  /** Readers of that run, and with the first those of the global stream, come with their cursors from before: each is to be reset. */
  async comeBack(run: RunPlace): Promise<string[]> {
    const isFirst = this.#runs[0] === run;
    const coming = this.#held.filter((held) => held.run === run || (isFirst && held.run === undefined));
    const broken: string[] = [];
    for (const held of coming) {
      const { cursor } = held.reader;
      // A bare number knows no epoch: it is told where it is beyond the head, and the late run's has grown again.
      if (cursor === undefined || (/^\d+$/.test(cursor) && !isFirst)) continue;
      if (held.kind.name === 'long poll') broken.push(...(await this.#pollAgain(run, cursor)));
      else this.#back.push(this.#start(held.kind, held.run, cursor));
    }
    const back = this.#back.filter((each) => each.run === run || (isFirst && each.run === undefined));
    await until(() => back.every((each) => each.reader.isOver || firstReset(each) !== undefined), WAIT_MS);
    return [...broken, ...back.flatMap(judgeReset)];
  }

  /** When the runs have ended: each that was told where to go on has seen what is there, from the line after these on the global stream. */
  async conclude(before: readonly number[]): Promise<string[]> {
    const stored = await readStoredRuns({
      url: this.#url,
      runIds: this.#runs.map(({ id }) => id),
      producers: [],
      filters: [],
    });
    const going = this.#back.filter((held) => !isBare(held));
    const ends = stored.map(({ firstLine, lineCount }) => firstLine + lineCount - 1);
    const isDone = ({ run, reader }: Held) =>
      run ? reader.isOver : ends.every((last, place) => reader.lastOf(place) >= last);
    await until(() => going.every(isDone), WAIT_MS);
    return going.flatMap((held) => (held.run ? judgeRun(held, stored) : judgeGlobal(held, stored, before)));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#held, ...this.#back].map(({ reader }) => reader.stop()));
  }

  #start(kind: SoakedKind, run: RunPlace | undefined, after: string | undefined): Held {
    const options = { name: kind.name, run, runs: this.#runs, after, target: () => this.#url };
    const reader = new RawReader(kind.name, kind.open, options);
    reader.start();
    return { kind, run, reader };
  }

  async #pollAgain({ id }: RunPlace, cursor: string): Promise<string[]> {
    const api = new ApiClient(this.#url);
    const poll = (after: string) => api.get(`logs/job-runs/${id}?limit=1000&wait=1&after=${after}`);
    const told = await poll(cursor);
    const again = await poll(String(told.json('cursor')));
    api.close();
    const seen = [told.status, told.json('code'), told.json('reason'), told.json('first'), again.json('logs.0.id')];
    const expected = [410, 'STRATAL_CURSOR_RESET', 'epoch', 1, 1];
    return String(seen) === String(expected)
      ? []
      : [`long poll of run ${id} was told ${told.text}, then ${again.status}`];
  }
}

function missing(): never {
  throw new TypeError('there is no such kind of reader');
}

/** A WebSocket without control frames: it is closed where others are reset. */
function isBare({ kind }: Held): boolean {
  return kind.name === 'websocket';
}

function nameOf({ kind, run }: Held): string {
  return `${kind.name} of ${run ? `run ${run.id}` : 'everything'}`;
}

function firstReset({ reader }: Held) {
  return reader.record.marks.find((mark) => mark.kind === 'reset');
}

/** It is told before it sees any line, why, and where a run begins. */
function judgeReset(held: Held): string[] {
  const { record } = held.reader;
  if (isBare(held)) {
    const isClosed = record.lines.length === 0 && record.faults.join().startsWith(`closed with ${CLOSE.reset} `);
    return isClosed ? [] : [`${nameOf(held)} was not closed with ${CLOSE.reset}: ${record.faults}`];
  }
  const connect = record.marks.find((mark) => mark.kind === 'connect');
  const reason = /^\d+$/.test(connect?.after ?? '') ? 'ahead' : 'epoch';
  const reset = firstReset(held);
  const isTold = reset?.at === 0 && reset.reason === reason && reset.first === (held.run ? 1 : undefined);
  return isTold && record.faults.length === 0
    ? []
    : [`${nameOf(held)} with ${connect?.after} was told ${JSON.stringify([reset ?? 'no reset', ...record.faults])}`];
}

/** Promise 3, from the first line on. */
function judgeRun(held: Held, stored: readonly StoredRun[]): string[] {
  const { record } = held.reader;
  const marks = record.marks.filter((mark) => mark !== firstReset(held));
  return checkReader({ ...record, marks }, stored).map(({ where, what }) => `${nameOf(held)}: ${where}: ${what}`);
}

/** The global stream goes on at the head of the restored store: later lines, each once, in the order of their numbers. */
function judgeGlobal(held: Held, stored: readonly StoredRun[], before: readonly number[]): string[] {
  const { lines } = held.reader.record;
  const next = stored.map((_, place) => (before[place] ?? 0) + 1);
  for (let at = 0; at < lines.length; at++) {
    const place = lines.run.at(at);
    const id = lines.id.at(at);
    const expected = next[place] ?? 0;
    if (id !== expected || stored[place]?.lines.digest.at(id - 1) !== lines.digest.at(at)) {
      return [`${nameOf(held)}: run ${place}, line ${id} came where line ${expected} was expected`];
    }
    next[place] = id + 1;
  }
  return stored.flatMap(({ id, lineCount }, place) =>
    next[place] === lineCount + 1 ? [] : [`${nameOf(held)}: run ${id} ended for it before line ${next[place]}`],
  );
}
