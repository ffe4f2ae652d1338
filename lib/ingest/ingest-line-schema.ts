import { z } from 'zod';
import { idSchema } from '@/lib/protocol/ids';
import { streamSchema } from '@/lib/protocol/log-message';
import { parseTimestamp, TIME_US_MAX } from '@/lib/protocol/timestamp';
import { cleanText } from './decode-text';
import { levelFromName, levelFromNumber } from './level-names';

/**
 * One line of an ingest body. This is the definition; `decodeLine` is the same by hand, for speed, and a test holds the
 * two equal. Fields that are not named here become attributes.
 */

const timeSchema = z
  .union([z.string().transform(parseTimestamp), z.number().transform((ms) => Math.round(ms * 1000) + 0)])
  .pipe(z.number().int().min(0).max(TIME_US_MAX));

const levelSchema = z.union([z.string(), z.number()]).transform((level, context) => {
  const known = typeof level === 'string' ? levelFromName(level) : levelFromNumber(level);
  if (known !== undefined) return known;
  context.addIssue({ code: 'custom', message: 'must be a level' });
  return z.NEVER;
});

const taskNameSchema = z
  .string()
  .transform((name) => cleanText(name).text)
  .pipe(z.string().min(1).max(256));

/** Any object as it is: `z.record` would leave out a member of the name `__proto__`. */
const attributesSchema = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
);

const namedFields = z.looseObject({
  /** May be empty, and of several lines. `msg` stands for it. */
  message: z.string(),
  /** In any case; common names and pino's numbers. Absent: found in the message. */
  level: levelSchema.optional(),
  /** RFC 3339, or a number of epoch milliseconds. `time` stands for it. Absent: when the server read the line. */
  timestamp: timeSchema.optional(),
  stream: streamSchema.default('stdout'),
  /** Absent: the run that the URL or a header names. */
  job_run_id: idSchema.optional(),
  task_run_id: idSchema.optional(),
  /** Without an id: the newest attempt of that name. */
  task_name: taskNameSchema.optional(),
  /** The line goes on in the producer's next one. */
  continues: z.boolean().default(false),
  /** Relayed to readers, not stored; only the last line of a body. */
  partial: z.boolean().default(false),
  /** Nested objects and lists are flattened with dots; at most 8 KiB as JSON, with all unknown fields. */
  attributes: attributesSchema.optional(),
});

const KNOWN = new Set([...Object.keys(namedFields.shape), 'msg', 'time']);
const STAND_INS: ReadonlyArray<readonly [name: string, standIn: string]> = [
  ['message', 'msg'],
  ['timestamp', 'time'],
];

/** A line with stand-ins under the names that they stand for; a null of a known field counts as absent. */
function toNamedFields(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const fields = new Map(Object.entries(input).filter(([name, value]) => !(KNOWN.has(name) && value === null)));
  for (const [name, standIn] of STAND_INS) {
    if (fields.has(name) || !fields.has(standIn)) continue;
    fields.set(name, fields.get(standIn));
    fields.delete(standIn);
  }
  return Object.fromEntries(fields);
}

export const ingestLineSchema = z.preprocess(toNamedFields, namedFields);
