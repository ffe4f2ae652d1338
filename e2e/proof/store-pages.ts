import type { z } from 'zod';
import { API_BASE, historySchema } from '@/lib/protocol/api';
import { PAGE_LINES_MAX } from '@/lib/protocol/limits';
import type { LogMessage } from '@/lib/protocol/log-message';
import { runSchema } from '@/lib/protocol/run';
import { NumberColumn } from './number-column';
import { digestLine, digestText, NOBODY, type StoredRun } from './transcript';

/** Begins each message of a producer: its name and the message's index. */
const TAG = /^([\w-]+) (\d+)(?: |$)/;

export interface StoreReading {
  url: string;
  /** Ids of the evidence's runs, in its order. */
  runIds: readonly string[];
  /** Names of the evidence's producers, in its order. */
  producers: readonly string[];
  /** The bit of each filter, and what it lets through. */
  filters: ReadonlyArray<{ bit: number; admits: (line: LogMessage) => boolean }>;
}

/** Reads runs page by page, as any client would, and checks nothing but the shape of the answers. */
export async function readStoredRuns(reading: StoreReading): Promise<StoredRun[]> {
  const producers = new Map(reading.producers.map((name, place) => [name, place]));
  const runs: StoredRun[] = [];
  for (const id of reading.runIds) runs.push(await readRun(reading, id, producers));
  return runs;
}

async function readRun(reading: StoreReading, id: string, producers: ReadonlyMap<string, number>): Promise<StoredRun> {
  const facts = await fetchJson(`${reading.url}${API_BASE}/job-runs/${id}`, runSchema);
  const run: StoredRun = {
    id,
    firstLine: facts.first_line,
    lineCount: facts.line_count,
    total: 0,
    lines: { id: new NumberColumn(), digest: new NumberColumn(), admitted: new NumberColumn() },
    messages: {
      line: new NumberColumn(),
      producer: new NumberColumn(),
      index: new NumberColumn(),
      digest: new NumberColumn(),
      length: new NumberColumn(),
      strangers: [],
    },
  };
  const joiner = new PartJoiner(run, producers);
  for (let after = '0'; ; ) {
    const query = `limit=${PAGE_LINES_MAX}&after=${after}`;
    const page = await fetchJson(`${reading.url}${API_BASE}/logs/job-runs/${id}?${query}`, historySchema);
    for (const line of page.logs) {
      run.lines.id.push(line.id);
      run.lines.digest.push(digestLine(line));
      run.lines.admitted.push(reading.filters.reduce((bits, { bit, admits }) => bits | (admits(line) ? bit : 0), 0));
      joiner.add(line);
    }
    run.total = page.pagination.total ?? -1;
    if (page.logs.length === 0) return run;
    after = page.pagination.next;
  }
}

/** Joins the parts of split lines and notes each message with its producer. */
class PartJoiner {
  readonly #run: StoredRun;
  readonly #producers: ReadonlyMap<string, number>;
  #begun: { line: number; text: string } | undefined;

  constructor(run: StoredRun, producers: ReadonlyMap<string, number>) {
    this.#run = run;
    this.#producers = producers;
  }

  add({ id, stream, message, continues }: LogMessage): void {
    if (stream === 'system') return;
    const begun = this.#begun ?? { line: id, text: '' };
    begun.text += message;
    this.#begun = continues ? begun : undefined;
    if (!continues) this.#note(begun.line, begun.text);
  }

  #note(line: number, text: string): void {
    const { messages } = this.#run;
    const [, name = '', index = '0'] = TAG.exec(text) ?? [];
    const producer = this.#producers.get(name);
    messages.line.push(line);
    messages.producer.push(producer ?? NOBODY);
    messages.index.push(producer === undefined ? 0 : Number(index));
    messages.digest.push(digestText(text));
    messages.length.push(text.length);
    if (producer === undefined) messages.strangers.push({ line, beginning: name });
  }
}

async function fetchJson<T>(url: string, schema: z.ZodType<T>): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url}: ${response.status} ${await response.text()}`);
  return schema.parse(await response.json());
}
