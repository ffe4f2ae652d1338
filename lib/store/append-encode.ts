import { CHUNK_BYTES_MAX, CHUNK_LINES_TARGET } from '@/lib/config/limits';
import type { Level } from '@/lib/protocol/log-message';
import { countFacets, type EncodedChunk, encodeChunk } from './chunk-codec';
import type { Facet, LineColumns, LineInput } from './line-batch';
import type { AppendOp } from './store';
import { finishedLine, startedLine } from './system-line';
import { zeros } from './zeros';

/** A group of steps as stratal_append takes it, with the columns that become batches once their numbers are known. */
export interface EncodedGroup {
  steps: Array<Record<string, unknown>>;
  blob: Buffer;
  /** Per step; undefined where the step adds no line. */
  columns: Array<LineColumns | undefined>;
  textBytes: number[];
}

/** Encodes steps for one call of stratal_append. `nowUs` is the time of system lines. */
export function encodeGroup(ops: readonly AppendOp[], nowUs: number): EncodedGroup {
  const group: EncodedGroup = { steps: [], blob: Buffer.alloc(0), columns: [], textBytes: [] };
  const pieces: Buffer[] = [];
  let at = 0;
  const addChunk = (chunk: EncodedChunk, offset: number) => {
    const { lineCount: n, minUs: min, maxUs: max, facets, textBytes: text, codec, attrs, body, marks } = chunk;
    const lengths = { attrs: attrs.length, body: body.length, ...(marks && { marks: marks.length }) };
    const placed = { o: offset, n, min, max, facets, text, codec, at, ...lengths };
    pieces.push(attrs, body);
    if (marks) pieces.push(marks);
    at += attrs.length + body.length + (marks?.length ?? 0);
    return placed;
  };
  for (const op of ops) {
    const lines = linesOf(op, nowUs);
    const columns = lines && toColumns(lines);
    let textBytes = 0;
    let isAscii = true;
    const chunks = [];
    if (columns) {
      for (const [from, to] of chunkRanges(columns)) {
        const chunk = encodeChunk(columns, from, to);
        textBytes += chunk.textBytes;
        isAscii &&= chunk.isAscii;
        chunks.push(addChunk(chunk, from));
      }
    }
    // System lines have no attributes, so that all their bytes are of text.
    const bytes = op.kind === 'lines' ? op.byteCount : textBytes;
    group.steps.push({
      ...stepFields(op),
      ...(columns && { lines: columns.message.length, bytes, chunks, ...countLevels(columns), ...quality(op) }),
    });
    group.columns.push(columns && { ...columns, isAscii });
    group.textBytes.push(textBytes);
  }
  group.blob = Buffer.concat(pieces);
  return group;
}

function stepFields(op: AppendOp): Record<string, unknown> {
  switch (op.kind) {
    case 'create':
      return {
        step: op.kind,
        id: op.id,
        job_name: op.jobName,
        status: op.status,
        started_at: op.startedAtUs,
        triggered_by: op.triggeredBy,
        metadata: op.metadata,
        heartbeat_seconds: op.heartbeatSeconds,
      };
    case 'finish': {
      const { status, exitCode, signal, finishedAtUs } = op.finish;
      return { step: op.kind, run: op.run.key, status, exit_code: exitCode, signal, finished_at: finishedAtUs };
    }
    case 'lose':
      return { step: op.kind, run: op.run.key, silent_since: op.silentSinceUs };
    case 'lines':
    case 'start':
    case 'heartbeat':
      return { step: op.kind, run: op.run.key };
  }
}

function linesOf(op: AppendOp, nowUs: number): readonly LineInput[] | undefined {
  switch (op.kind) {
    case 'lines':
      return op.lines;
    case 'create':
      return op.status === 'running' ? [startedLine(nowUs)] : undefined;
    case 'start':
      return [startedLine(nowUs)];
    case 'finish':
      return [finishedLine(op.finish, nowUs)];
    case 'heartbeat':
    case 'lose':
      return undefined;
  }
}

function quality(op: AppendOp): { masked: number; replaced: number } {
  return op.kind === 'lines' ? { masked: op.maskedCount, replaced: op.replacedCount } : { masked: 0, replaced: 0 };
}

type Counts = Record<Level, number>;

/** Lines by level, in all and by task. */
export function countLevels({ facets, facet }: LineColumns): Counts & { tasks: Array<Counts & { key: number }> } {
  const lines = countFacets(facets.length, facet, 0, facet.length);
  const total: Counts = { info: 0, error: 0, warn: 0, debug: 0 };
  const byTask = new Map<number, Counts & { key: number }>();
  for (const [index, { level, task }] of facets.entries()) {
    const count = lines[index] ?? 0;
    total[level] += count;
    if (!task) continue;
    let counts = byTask.get(task.key);
    if (!counts) {
      counts = { key: task.key, info: 0, error: 0, warn: 0, debug: 0 };
      byTask.set(task.key, counts);
    }
    counts[level] += count;
  }
  return { ...total, tasks: [...byTask.values()] };
}

/** The columns of lines, each distinct task, stream and level once in `facets`. */
export function toColumns(lines: readonly LineInput[]): LineColumns {
  const facets: Facet[] = [];
  const known = new Map<string, number>();
  let facet: Uint16Array | undefined;
  const timeUs = lines.length === 1 ? [0] : new Float64Array(lines.length);
  const message = new Array<string>(lines.length);
  let continues: Uint8Array | undefined;
  let attributes: Array<string | undefined> | undefined;
  let last: LineInput | undefined;
  let lastFacet = 0;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index];
    if (!line) continue;
    if (line.task !== last?.task || line.level !== last?.level || line.stream !== last.stream) {
      const key = `${line.task?.key ?? 0} ${line.stream} ${line.level}`;
      lastFacet = known.get(key) ?? facets.push({ task: line.task, stream: line.stream, level: line.level }) - 1;
      known.set(key, lastFacet);
      last = line;
    }
    if (lastFacet > 0) {
      facet ??= new Uint16Array(lines.length);
      facet[index] = lastFacet;
    }
    timeUs[index] = line.timeUs;
    message[index] = line.message;
    if (line.continues) {
      continues ??= new Uint8Array(lines.length);
      continues[index] = 1;
    }
    if (line.attributes !== undefined) {
      attributes ??= new Array<string | undefined>(lines.length).fill(undefined);
      attributes[index] = line.attributes;
    }
  }
  const none = zeros(lines.length);
  return { facets, facet: facet ?? none, timeUs, message, continues: continues ?? none, attributes };
}

/** [from, to) of chunks that keep to the bounds of a chunk; a single line may exceed the byte bound. */
export function chunkRanges(columns: LineColumns): Array<[number, number]> {
  const ranges: Array<[number, number]> = [];
  let from = 0;
  let bytes = 0;
  for (let index = 0; index < columns.message.length; index++) {
    const size = (columns.message[index]?.length ?? 0) + (columns.attributes?.[index]?.length ?? 0);
    if (index > from && (index - from >= CHUNK_LINES_TARGET || bytes + size > CHUNK_BYTES_MAX)) {
      ranges.push([from, index]);
      from = index;
      bytes = 0;
    }
    bytes += size;
  }
  ranges.push([from, columns.message.length]);
  return ranges;
}
