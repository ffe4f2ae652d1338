import { crc32 } from 'node:zlib';
import type { LogMessage } from '@/lib/protocol/log-message';
import { NumberColumn } from './number-column';

/** What was observed from outside while a server worked: the checker compares it, and knows nothing else. */
export interface Evidence {
  runs: readonly StoredRun[];
  producers: readonly ProducerRecord[];
  readers: readonly ReaderRecord[];
}

/** A run as REST tells it at the end, page by page. */
export interface StoredRun {
  id: string;
  /** What the run says of itself. */
  firstLine: number;
  lineCount: number;
  /** What the pages say. */
  total: number;
  lines: StoredLines;
  messages: StoredMessages;
}

/** The lines in the order of the pages. */
interface StoredLines {
  id: NumberColumn;
  digest: NumberColumn;
  /** One bit for each named filter that lets the line through. */
  admitted: NumberColumn;
}

/** Lines of programs as they were sent: the parts of a split one joined again. */
interface StoredMessages {
  /** Number of the first part. */
  line: NumberColumn;
  /** Place in the evidence's producers, or NOBODY. */
  producer: NumberColumn;
  index: NumberColumn;
  digest: NumberColumn;
  length: NumberColumn;
  /** Those of nobody, by their first word. */
  strangers: Array<{ line: number; beginning: string }>;
}

/** A stored message that names no known producer. */
export const NOBODY = 0xffff_ffff;

/** What one source of lines sent and what it was told. Its message `index` is `<name> <index>` and what follows. */
export interface ProducerRecord {
  name: string;
  /** Place in the evidence's runs. */
  run: number;
  /** The text of a message, the same whenever it is asked for. */
  text(index: number): string;
  /** Messages sent at least once. */
  sent: number;
  /** The highest `next` that it was told. */
  acknowledged: number;
  refusals: readonly Refusal[];
}

/** A batch with a bad line, and what the server said of it. */
export interface Refusal {
  /** `Stratal-Position` of the batch. */
  position: number;
  /** Lines of the batch that the source had sent before, and so are skipped. */
  known: number;
  /** The bad line, from 1, and the field that is wrong with it. */
  line: number;
  field: string;
  /** Begins every message behind the bad one; none of them may be stored. */
  beyond: string;
  answer: { status: number; line?: unknown; field?: unknown; accepted?: unknown; next?: unknown };
}

/** What happened to a reader, before its line `at` (from 0). */
export type Mark =
  | { kind: 'connect'; at: number; after: string | undefined }
  /** From here on the reader takes nothing, or little, for a while. */
  | { kind: 'stall'; at: number }
  | { kind: 'reset'; at: number; reason: string; first: number | undefined }
  | { kind: 'run-end'; at: number; run: number; last: number };

/** Everything that one reader saw over all its connections. */
export interface ReaderRecord {
  name: string;
  /** Places of the runs that it follows, each from its first line on. */
  runs: readonly number[];
  isGlobal: boolean;
  /** Bit of the named filter, or 0: all lines. */
  filter: number;
  lines: SeenLines;
  marks: readonly Mark[];
  /** Most bytes that the server had sent without an acknowledgement, where the transport has these. */
  unacknowledgedPeak: number;
  /** Lines that the reader saw before another connection to the store did. */
  early: ReadonlyArray<{ run: number; id: number; last: number }>;
  /** Answers that no reader should get. */
  faults: readonly string[];
}

export class SeenLines {
  readonly run = new NumberColumn();
  readonly id = new NumberColumn();
  readonly digest = new NumberColumn();

  get length(): number {
    return this.id.length;
  }

  push(run: number, id: number, digest: number): void {
    this.run.push(run);
    this.id.push(id);
    this.digest.push(digest);
  }
}

/** A broken promise of docs/testing.md, by its number there. */
export interface Violation {
  promise: 1 | 2 | 3 | 4 | 5 | 6 | 7;
  /** The reader, producer or run. */
  who: string;
  /** A line of a run, or a batch. */
  where: string;
  what: string;
}

/** All of a line that a reader is shown, but its cursor, which depends on the stream. */
export function digestLine(line: LogMessage): number {
  const { id, job_run_id, task_run_id, timestamp, level, stream, message, task_name, continues, attributes } = line;
  const fields = [id, job_run_id, task_run_id, timestamp, level, stream, message, task_name, continues, attributes];
  return crc32(JSON.stringify(fields));
}

export function digestText(text: string): number {
  return crc32(text);
}
