import { foldId, isId } from '@/lib/protocol/ids';
import { PARTIAL_BYTES_MAX } from '@/lib/protocol/limits';
import type { Level, Stream } from '@/lib/protocol/log-message';
import { splitMessage } from '@/lib/protocol/split-message';
import { TIME_US_MAX } from '@/lib/protocol/timestamp';
import { AttributeCollector, AttributesError } from './decode-attributes';
import { cleanText, newestPart } from './decode-text';
import { parseLineTime } from './decode-time';
import { detectLevel } from './detect-level';
import { levelFromName, levelFromNumber } from './level-names';

/** What the URL or headers say for lines that do not say it themselves. Ids are folded. */
export interface LineDefaults {
  jobRunId?: string | undefined;
  taskRunId?: string | undefined;
  taskName?: string | undefined;
}

/** One line of a body, checked, complete and split as it will be stored. */
export interface DecodedLine {
  /** The line of the body, from 1; blank ones are not counted. */
  number: number;
  jobRunId: string;
  taskRunId?: string | undefined;
  /** The name of that task, or, without its id, of the task to take. */
  taskName?: string | undefined;
  /** Microseconds since the epoch. */
  timeUs: number;
  level: Level;
  stream: Stream;
  /** The message; of several parts all but the last go on in the next. */
  parts: string[];
  /** A flat object as JSON text, for the first part. */
  attributes?: string | undefined;
  /** The producer says that the line goes on in its next one. */
  continues: boolean;
  /** Characters that could not be stored and were replaced or removed. */
  replaced: number;
  /** UTF-8 bytes of the message. */
  byteCount: number;
  /** A line that its program has not ended: relayed, not stored. Cut to its newest 4 KiB. */
  partial: boolean;
}

export type LineDecode =
  | { ok: true; line: DecodedLine }
  /** `field` is absent where the line as a whole is wrong; `detail` is a sentence's end ("must be …"). */
  | { ok: false; field: string | undefined; detail: string };

const TASK_NAME_CHARS_MAX = 256;

/**
 * Decodes one parsed line of an ingest body (`ingestLineSchema` says what it may hold). Hand-written, because this is
 * the server's hottest loop; a property test holds it equal to the schema. `isPlain`: its strings are ASCII without NUL. Never throws.
 */
export function decodeLine(
  value: unknown,
  number: number,
  defaults: LineDefaults,
  nowUs: number,
  isPlain = false,
): LineDecode {
  if (!isRecord(value)) return { ok: false, field: undefined, detail: 'must be a JSON object' };
  try {
    return { ok: true, line: readLine(value, number, defaults, nowUs, isPlain) };
  } catch (error) {
    if (error instanceof BadField) return { ok: false, field: error.field, detail: error.message };
    if (error instanceof AttributesError) return { ok: false, field: 'attributes', detail: error.message };
    throw error;
  }
}

class BadField extends Error {
  readonly field: string;

  constructor(field: string, detail: string) {
    super(detail);
    this.field = field;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of a line as sent; null counts as absent. `others` are the names of the rest. */
interface LineFields {
  message: unknown;
  msg: unknown;
  level: unknown;
  timestamp: unknown;
  time: unknown;
  stream: unknown;
  jobRunId: unknown;
  taskRunId: unknown;
  taskName: unknown;
  continues: unknown;
  partial: unknown;
  attributes: unknown;
  others: string[] | undefined;
}

/** One for all lines: they are decoded one after the other, and an object for each would be the loop's largest cost. */
const scratch: LineFields = {
  message: undefined,
  msg: undefined,
  level: undefined,
  timestamp: undefined,
  time: undefined,
  stream: undefined,
  jobRunId: undefined,
  taskRunId: undefined,
  taskName: undefined,
  continues: undefined,
  partial: undefined,
  attributes: undefined,
  others: undefined,
};

/** Good until the next call. */
function readFields(value: Record<string, unknown>): LineFields {
  const fields = scratch;
  fields.message = undefined;
  fields.msg = undefined;
  fields.level = undefined;
  fields.timestamp = undefined;
  fields.time = undefined;
  fields.stream = undefined;
  fields.jobRunId = undefined;
  fields.taskRunId = undefined;
  fields.taskName = undefined;
  fields.continues = undefined;
  fields.partial = undefined;
  fields.attributes = undefined;
  fields.others = undefined;
  for (const name in value) {
    if (!Object.hasOwn(value, name)) continue;
    const member = value[name] ?? undefined;
    switch (name) {
      case 'message':
        fields.message = member;
        break;
      case 'msg':
        fields.msg = member;
        break;
      case 'level':
        fields.level = member;
        break;
      case 'timestamp':
        fields.timestamp = member;
        break;
      case 'time':
        fields.time = member;
        break;
      case 'stream':
        fields.stream = member;
        break;
      case 'job_run_id':
        fields.jobRunId = member;
        break;
      case 'task_run_id':
        fields.taskRunId = member;
        break;
      case 'task_name':
        fields.taskName = member;
        break;
      case 'continues':
        fields.continues = member;
        break;
      case 'partial':
        fields.partial = member;
        break;
      case 'attributes':
        fields.attributes = member;
        break;
      default:
        fields.others ??= [];
        fields.others.push(name);
    }
  }
  return fields;
}

function readLine(
  value: Record<string, unknown>,
  number: number,
  defaults: LineDefaults,
  nowUs: number,
  isPlain: boolean,
): DecodedLine {
  const fields = readFields(value);
  const given = readMessage(fields);
  const cleaned = isPlain ? undefined : cleanText(given);
  const message = cleaned ? cleaned.text : given;
  const stream = readStream(fields.stream);
  const partial = readFlag('partial', fields.partial);
  const line: DecodedLine = {
    number,
    jobRunId: readRunId(fields.jobRunId, defaults),
    taskRunId: undefined,
    taskName: undefined,
    timeUs: readTime(fields) ?? nowUs,
    level: readLevel(fields.level) ?? detectLevel(message, stream),
    stream,
    parts: partial ? [newestPart(message, PARTIAL_BYTES_MAX)] : splitMessage(message),
    attributes: undefined,
    continues: readFlag('continues', fields.continues),
    replaced: cleaned ? cleaned.replaced : 0,
    byteCount: isPlain ? message.length : Buffer.byteLength(message),
    partial,
  };
  readTask(fields, defaults, line);
  readAttributes(value, fields, line);
  return line;
}

function readMessage({ message, msg }: LineFields): string {
  const text = message === undefined ? msg : message;
  if (typeof text === 'string') return text;
  if (text === undefined) throw new BadField('message', 'is missing');
  throw new BadField(message === undefined ? 'msg' : 'message', 'must be a string');
}

function readLevel(level: unknown): Level | undefined {
  if (level === undefined) return undefined;
  let known: Level | undefined;
  if (typeof level === 'string') known = levelFromName(level);
  else if (typeof level === 'number') known = levelFromNumber(level);
  if (known === undefined) {
    throw new BadField('level', 'must be info, error, warn, debug, or a usual name or pino’s number for one of these');
  }
  return known;
}

function readStream(stream: unknown): Stream {
  if (stream === undefined) return 'stdout';
  if (stream === 'stdout' || stream === 'stderr' || stream === 'system') return stream;
  throw new BadField('stream', 'must be stdout, stderr or system');
}

function readTime({ timestamp, time }: LineFields): number | undefined {
  if (timestamp !== undefined) return toMicroseconds('timestamp', timestamp);
  return time === undefined ? undefined : toMicroseconds('time', time);
}

function toMicroseconds(field: string, time: unknown): number {
  let us: number | undefined;
  if (typeof time === 'string') us = parseLineTime(time);
  else if (typeof time === 'number') us = Math.round(time * 1000);
  if (us === undefined || !(us >= 0 && us <= TIME_US_MAX)) {
    throw new BadField(
      field,
      'must be an RFC 3339 time, such as 2024-01-15T10:30:45.123Z, or a number of milliseconds since 1970, before 2100',
    );
  }
  // Rounding can give -0.
  return us + 0;
}

function readFlag(field: string, flag: unknown): boolean {
  if (flag === undefined) return false;
  if (typeof flag !== 'boolean') throw new BadField(field, 'must be true or false');
  return flag;
}

/** The id checked last: lines of one body mostly name the same. */
const lastId = { written: '', folded: '' };

function readId(field: string, id: unknown): string | undefined {
  if (id === undefined) return undefined;
  if (typeof id === 'string') {
    if (id !== '' && id === lastId.written) return lastId.folded;
    if (isId(id)) {
      lastId.written = id;
      lastId.folded = foldId(id);
      return lastId.folded;
    }
  }
  throw new BadField(field, 'must be 1 to 128 of A-Z a-z 0-9 . _ ~ -, beginning with a letter or digit');
}

function readRunId(own: unknown, { jobRunId }: LineDefaults): string {
  if (own === jobRunId && jobRunId !== undefined) return jobRunId;
  const id = readId('job_run_id', own);
  if (id === undefined) {
    if (jobRunId !== undefined) return jobRunId;
    throw new BadField(
      'job_run_id',
      'is missing: name the run in each line, in the URL or in the header Stratal-Job-Run',
    );
  }
  if (jobRunId !== undefined && id !== jobRunId) {
    throw new BadField('job_run_id', `must be ${jobRunId}, the run that the URL or header names`);
  }
  return id;
}

/** A default name goes with the default id; it is not given to a line of another task. */
function readTask(fields: LineFields, defaults: LineDefaults, line: DecodedLine): void {
  const id = readId('task_run_id', fields.taskRunId);
  const name = readTaskName(fields.taskName, line);
  line.taskRunId = id ?? (name === undefined || name === defaults.taskName ? defaults.taskRunId : undefined);
  line.taskName = name ?? (id === undefined || id === defaults.taskRunId ? defaults.taskName : undefined);
}

function readTaskName(name: unknown, line: DecodedLine): string | undefined {
  if (name === undefined) return undefined;
  if (typeof name === 'string') {
    const { text, replaced } = cleanText(name);
    line.replaced += replaced;
    if (text.length >= 1 && text.length <= TASK_NAME_CHARS_MAX) return text;
  }
  throw new BadField('task_name', `must be a string of 1 to ${TASK_NAME_CHARS_MAX} characters`);
}

/** What `attributes` holds, then the fields that are no line's, and `msg` or `time` beside what they stand for. */
function readAttributes(value: Record<string, unknown>, fields: LineFields, line: DecodedLine): void {
  const { attributes, others, message, msg, timestamp, time } = fields;
  const isMsgExtra = message !== undefined && msg !== undefined;
  const isTimeExtra = timestamp !== undefined && time !== undefined;
  if (attributes === undefined && others === undefined && !isMsgExtra && !isTimeExtra) return;
  const collector = new AttributeCollector();
  if (attributes !== undefined) {
    if (!isRecord(attributes)) throw new BadField('attributes', 'must be an object');
    for (const [name, member] of Object.entries(attributes)) collector.add(name, member);
  }
  if (isMsgExtra) collector.add('msg', msg);
  if (isTimeExtra) collector.add('time', time);
  if (others) for (const name of others) collector.add(name, value[name]);
  line.attributes = collector.toJson();
  line.replaced += collector.replaced;
}
