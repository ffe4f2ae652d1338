import type { Attributes, Level, LogMessage, Stream } from '@/lib/protocol/log-message';
import { formatTimestamp } from '@/lib/protocol/timestamp';

/** The task that wrote a line. Never changes once made. */
export interface TaskRef {
  key: number;
  id: string;
  name: string;
  attempt: number;
}

/** One combination of task, stream and level that a batch has lines of. */
export interface Facet {
  task: TaskRef | undefined;
  stream: Stream;
  level: Level;
}

/** One line on its way to the store, without its number. */
export interface LineInput {
  /** Microseconds since the epoch. */
  timeUs: number;
  level: Level;
  stream: Stream;
  message: string;
  task: TaskRef | undefined;
  continues: boolean;
  /** A flat object as JSON text. */
  attributes: string | undefined;
}

/** The texts of lines by index: strings, or what they are made from when they are asked for. */
export interface LineTexts {
  readonly length: number;
  at(index: number): string | undefined;
  /** Those from `from` to `to` (exclusive). */
  slice(from: number, to: number): LineTexts;
}

type Column = readonly number[] | Uint8Array | Uint16Array | Float64Array;

/** The columns of a batch; all of the same length but `facets`. */
export interface BatchColumns<Texts extends LineTexts = LineTexts> {
  facets: readonly Facet[];
  /** Index into `facets`. */
  facet: Column;
  /** Microseconds since the epoch. */
  timeUs: Column;
  message: Texts;
  continues: Column;
  /** JSON texts; absent where no line of the batch has attributes. */
  attributes: ReadonlyArray<string | undefined> | undefined;
  /** True where all messages and attributes are known to be ASCII, so that the fast ways are right for them. */
  isAscii?: boolean;
}

/** Columns of lines that have just come. */
export type LineColumns = BatchColumns<readonly string[]>;

/** What a line takes in memory at most besides its text: its places in the columns, and a string object where it has just come. */
const LINE_OVERHEAD_BYTES = 64;
/** What a batch takes besides its lines: the objects of its columns and of what is encoded from them. */
const BATCH_OVERHEAD_BYTES = 1536;

/** About what so many lines with so much text take in memory, in bytes: a batch's `sizeBytes`. */
export function batchBytes(textBytes: number, lineCount: number): number {
  return textBytes + lineCount * LINE_OVERHEAD_BYTES + BATCH_OVERHEAD_BYTES;
}

/** Facets of a batch whose JSON is kept. */
const KEPT_PARTS_MAX = 64;

interface JsonParts {
  before: string;
  between: string;
  after: string;
}

/**
 * Consecutive lines of one run: what an append stored, or a piece of a chunk read back. Immutable, shared by all
 * readers. The index of a line is 0 to `count` − 1; its number is `firstLine` + index.
 */
export class LineBatch {
  readonly runKey: number;
  readonly runId: string;
  readonly firstLine: number;
  readonly count: number;
  readonly columns: BatchColumns;
  /** About what it takes in memory, in bytes; for the bounds of tail and cache. */
  readonly sizeBytes: number;
  #isAscii: boolean | undefined;
  #json: Array<JsonParts | undefined> | undefined;

  constructor(run: { key: number; id: string }, firstLine: number, columns: BatchColumns, sizeBytes: number) {
    this.runKey = run.key;
    this.runId = run.id;
    this.firstLine = firstLine;
    this.count = columns.message.length;
    this.columns = columns;
    this.sizeBytes = sizeBytes;
  }

  /** True where every line's JSON is known to be ASCII. */
  get isAscii(): boolean {
    this.#isAscii ??= this.columns.isAscii === true && this.columns.facets.every(({ task }) => isAsciiText(task?.name));
    return this.#isAscii;
  }

  get lastLine(): number {
    return this.firstLine + this.count - 1;
  }

  message(index: number): string {
    return this.columns.message.at(index) ?? '';
  }

  timeUs(index: number): number {
    return this.columns.timeUs[index] ?? 0;
  }

  facetIndex(index: number): number {
    return this.columns.facet[index] ?? 0;
  }

  facet(index: number): Facet {
    return facetAt(this.columns, this.facetIndex(index));
  }

  continues(index: number): boolean {
    return this.columns.continues[index] === 1;
  }

  /** The attributes as JSON text, or undefined. */
  attributesJson(index: number): string | undefined {
    return this.columns.attributes?.[index];
  }

  /** The line as JSON text of a LogMessage; `cursor` is added on the global stream. */
  toJson(index: number, cursor?: string): string {
    const { before, between, after } = this.#jsonParts(this.facetIndex(index));
    const attributes = this.attributesJson(index);
    let json = `{"id":${this.firstLine + index}${before}${formatTimestamp(this.timeUs(index))}${between}`;
    json += `${JSON.stringify(this.message(index))}${after}`;
    if (this.continues(index)) json += ',"continues":true';
    if (attributes !== undefined) json += `,"attributes":${attributes}`;
    if (cursor !== undefined) json += `,"cursor":"${cursor}"`;
    return `${json}}`;
  }

  /** What stands around id, time and message in the JSON of all lines of a facet. */
  #jsonParts(facetIndex: number): JsonParts {
    const known = this.#json?.[facetIndex];
    if (known) return known;
    const { task, stream, level } = facetAt(this.columns, facetIndex);
    const taskId = task ? `,"task_run_id":${JSON.stringify(task.id)}` : '';
    const parts = {
      before: `,"job_run_id":${JSON.stringify(this.runId)}${taskId},"timestamp":"`,
      between: `","level":"${level}","stream":"${stream}","message":`,
      after: task ? `,"task_name":${JSON.stringify(task.name)}` : '',
    };
    // Of a batch of one line they are needed once or twice, and would be kept as long as the line; thousands would be more than the lines.
    if (this.count > 1 && this.columns.facets.length <= KEPT_PARTS_MAX) {
      this.#json ??= [];
      this.#json[facetIndex] = parts;
    }
    return parts;
  }

  toLogMessage(index: number): LogMessage {
    const { task, stream, level } = this.facet(index);
    const attributes = this.attributesJson(index);
    return {
      id: this.firstLine + index,
      job_run_id: this.runId,
      ...(task && { task_run_id: task.id }),
      timestamp: formatTimestamp(this.timeUs(index)),
      level,
      stream,
      message: this.message(index),
      ...(task && { task_name: task.name }),
      ...(this.continues(index) && { continues: true as const }),
      ...(attributes !== undefined && { attributes: parseAttributes(attributes) }),
    };
  }

  /** The lines of this batch from `from` to `to` (exclusive), as a batch of its own. */
  slice(from: number, to: number): LineBatch {
    if (from <= 0 && to >= this.count) return this;
    const { columns } = this;
    const sliced: BatchColumns = {
      facets: columns.facets,
      facet: columns.facet.slice(from, to),
      timeUs: columns.timeUs.slice(from, to),
      message: columns.message.slice(from, to),
      continues: columns.continues.slice(from, to),
      attributes: columns.attributes?.slice(from, to),
      isAscii: columns.isAscii ?? false,
    };
    const ofLines = Math.max(0, this.sizeBytes - BATCH_OVERHEAD_BYTES);
    const share = this.count === 0 ? 0 : (sliced.message.length / this.count) * ofLines;
    const sizeBytes = Math.round(share) + BATCH_OVERHEAD_BYTES;
    return new LineBatch({ key: this.runKey, id: this.runId }, this.firstLine + from, sliced, sizeBytes);
  }
}

function isAsciiText(text = ''): boolean {
  return Buffer.byteLength(text) === text.length;
}

function facetAt({ facets }: BatchColumns, index: number): Facet {
  const facet = facets[index];
  if (!facet) throw new RangeError(`facet ${index} of ${facets.length} is not there`);
  return facet;
}

/** Attributes were checked to be a flat object when they were stored, so the shape is known here. */
function parseAttributes(json: string): Attributes {
  return JSON.parse(json) as Attributes;
}
