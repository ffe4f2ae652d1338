import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import { API_BASE, historySchema } from '@/lib/protocol/api';
import { PAGE_LINES_MAX } from '@/lib/protocol/limits';
import type { LogMessage } from '@/lib/protocol/log-message';
import { runSchema } from '@/lib/protocol/run';
import { NumberColumn } from './number-column';
import { digestLine, digestText, NOBODY, type StoredRun } from './transcript';

/** Begins each message of a producer: its name and the message's index. */
const TAG = /^([\w-]+) (\d+)(?: |$)/;

const PATIENCE_MS = 20_000;
const RETRY_MS = 50;
const ATTEMPTS_MAX = 20;

export interface StoreReading {
  url: string;
  /** Ids of the evidence's runs, in its order. */
  runIds: readonly string[];
  /** Names of the evidence's producers, in its order. */
  producers: readonly string[];
  /** The bit of each filter, and what it lets through. */
  filters: ReadonlyArray<{ bit: number; admits: (line: LogMessage) => boolean }>;
  /** What stands for a run that is not there; without it that is an error. */
  absent?: (place: number) => StoredRun;
}

/** Reads runs page by page, as any client would, and checks nothing but the shape of the answers. */
export async function readStoredRuns(reading: StoreReading): Promise<StoredRun[]> {
  const producers = new Map(reading.producers.map((name, place) => [name, place]));
  const runs: StoredRun[] = [];
  for (const [place, id] of reading.runIds.entries()) {
    const run = (await readAtRest(reading, id, producers)) ?? reading.absent?.(place);
    if (!run) throw new Error(`run ${id} is not there`);
    runs.push(run);
  }
  return runs;
}

/** A run without lines, the next of which would have that number. */
export function runWithoutLines(id: string, next: number): StoredRun {
  return {
    id,
    firstLine: next,
    lineCount: 0,
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
}

/** Reads a run anew where retention took lines of it meanwhile; undefined where there is no such run. */
async function readAtRest(
  reading: StoreReading,
  id: string,
  producers: ReadonlyMap<string, number>,
): Promise<StoredRun | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const facts = await fetchRun(reading, id);
    if (!facts) return undefined;
    const run = await readRun(reading, facts, producers);
    const now = await fetchRun(reading, id);
    if (run && now?.first_line === run.firstLine) return run;
  }
  throw new Error(`run ${id} loses lines again and again`);
}

/** Undefined where the next page went to retention. */
async function readRun(
  reading: StoreReading,
  facts: z.infer<typeof runSchema>,
  producers: ReadonlyMap<string, number>,
): Promise<StoredRun | undefined> {
  const { id } = facts;
  const run = { ...runWithoutLines(id, facts.first_line), lineCount: facts.line_count };
  const joiner = new PartJoiner(run, producers);
  for (let after = '0'; ; ) {
    const query = `limit=${PAGE_LINES_MAX}&after=${after}`;
    const page = await fetchPage(`${reading.url}${API_BASE}/logs/job-runs/${id}?${query}`);
    if (page === undefined) return undefined;
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

/** Undefined where the cursor's lines, or their run, are gone. */
function fetchPage(url: string): Promise<z.infer<typeof historySchema> | undefined> {
  return fetchUnless([404, 410], url, historySchema);
}

function fetchRun({ url }: StoreReading, id: string): Promise<z.infer<typeof runSchema> | undefined> {
  return fetchUnless([404], `${url}${API_BASE}/job-runs/${id}`, runSchema);
}

async function fetchUnless<T>(gone: readonly number[], url: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const response = await fetchPatiently(url);
  if (!gone.includes(response.status)) return parse(url, response, schema);
  await response.body?.cancel();
  return undefined;
}

/** Repeats what is answered with 503, as that asks for: a Postgres that was killed may still be coming back. */
async function fetchPatiently(url: string): Promise<Response> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const response = await fetch(url);
    if (response.status !== 503 || performance.now() >= end) return response;
    await response.body?.cancel();
    await delay(RETRY_MS);
  }
}

async function parse<T>(url: string, response: Response, schema: z.ZodType<T>): Promise<T> {
  if (!response.ok) throw new Error(`GET ${url}: ${response.status} ${await response.text()}`);
  return schema.parse(await response.json());
}
