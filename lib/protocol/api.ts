import { z } from 'zod';
import { idSchema } from './ids';
import { levelCountsSchema, logMessageSchema, streamSchema } from './log-message';
import { FINAL_STATUSES, metadataSchema, runSchema, taskRunSchema } from './run';
import { storableText } from './storable-text';
import { parseTimestamp } from './timestamp';

/** Bodies and answers of the REST API, base path `/api/v1`. */

export const API_BASE = '/api/v1';

/** An RFC 3339 time, parsed to microseconds since the epoch. */
export const timeSchema = z.string().transform((text, context) => {
  const us = parseTimestamp(text);
  if (us === undefined) {
    context.addIssue({ code: 'custom', message: 'must be an RFC 3339 time, such as 2024-01-15T10:30:45.123Z' });
    return z.NEVER;
  }
  return us;
});

const name = storableText(1, 256);
const signal = storableText(1, 32);
const exitCode = z.number().int().min(-2_147_483_648).max(2_147_483_647);

export const createRunSchema = z.strictObject({
  id: idSchema.optional(),
  job_name: name,
  status: z.enum(['pending', 'running']).default('running'),
  started_at: timeSchema.optional(),
  triggered_by: storableText(0, 256).optional(),
  metadata: metadataSchema.optional(),
  heartbeat_seconds: z.number().int().min(1).max(86_400).optional(),
});
export type CreateRunInput = z.output<typeof createRunSchema>;

export const patchRunSchema = z.strictObject({
  status: z.enum(['pending', 'running', ...FINAL_STATUSES]).optional(),
  exit_code: exitCode.optional(),
  signal: signal.optional(),
  finished_at: timeSchema.optional(),
  metadata: metadataSchema.optional(),
  pinned: z.boolean().optional(),
});
export type PatchRunInput = z.output<typeof patchRunSchema>;

export const createTaskSchema = z.strictObject({
  id: idSchema.optional(),
  job_run_id: idSchema,
  task_name: name,
  /** Absent: the next one of that name. */
  attempt: z.number().int().min(1).max(1_000_000).optional(),
  status: z.enum(['pending', 'running']).default('running'),
  started_at: timeSchema.optional(),
});
export type CreateTaskInput = z.output<typeof createTaskSchema>;

export const patchTaskSchema = z.strictObject({
  status: z.enum(['pending', 'running', ...FINAL_STATUSES]).optional(),
  exit_code: exitCode.optional(),
  signal: signal.optional(),
  finished_at: timeSchema.optional(),
});
export type PatchTaskInput = z.output<typeof patchTaskSchema>;

export const runListSchema = z.object({ job_runs: z.array(runSchema), next: z.string().nullable() });
export type RunList = z.infer<typeof runListSchema>;
export const taskListSchema = z.object({ task_runs: z.array(taskRunSchema), next: z.string().nullable() });
export type TaskList = z.infer<typeof taskListSchema>;

export const historySchema = z.object({
  logs: z.array(logMessageSchema),
  pagination: z.object({
    /** Exact under sets and times, null with `q`. */
    total: z.number().int().nullable(),
    limit: z.number().int(),
    offset: z.number().int().nullable(),
    count: z.number().int(),
    /** The cursor to continue after; it moves past lines that the filter left out. */
    next: z.string(),
    /** The run is final and nothing follows. */
    ended: z.boolean(),
    /** With `tail` and `q`, or where long lines had no room: lines up to this one were not looked through, so there may be older ones. */
    looked_after: z.number().int().optional(),
  }),
});
export type History = z.infer<typeof historySchema>;

/** Answer of an ingest; counts are of the body's lines as sent. */
export const ingestResultSchema = z.object({
  accepted: z.number().int(),
  skipped: z.number().int(),
  /** The source's next position; null without a source. */
  next: z.number().int().nullable(),
  job_run_ids: z.array(idSchema),
});
export type IngestResult = z.infer<typeof ingestResultSchema>;

const connectionsSchema = z.object({ websocket: z.number(), sse: z.number(), socketio: z.number() });
export type Connections = z.infer<typeof connectionsSchema>;

export const streamStatusSchema = z.object({
  status: z.enum(['active', 'draining']),
  connections: z.object({ global: connectionsSchema, jobs: z.record(z.string(), connectionsSchema) }),
  /** Whole seconds since this server started. */
  uptime_seconds: z.number().optional(),
});
export type StreamStatus = z.infer<typeof streamStatusSchema>;

/** The lines of `GET …/search`: matches and progress in any order, then one end. */
export const searchLineSchema = z.union([
  z.object({ id: z.number().int(), ranges: z.array(z.tuple([z.number().int(), z.number().int()])) }),
  z.object({ progress: z.object({ last: z.number().int() }) }),
  z.object({ total: z.number().int(), complete: z.literal(true) }),
  z.object({ total: z.number().int(), complete: z.literal(false), reason: z.literal('limit'), next: z.string() }),
]);
export type SearchLine = z.infer<typeof searchLineSchema>;

export const volumeSchema = z.object({
  from: z.string(),
  to: z.string(),
  bucket_ms: z.number(),
  /** One for each stretch of `bucket_ms`, from `from` on, also where there are no lines. */
  bins: z.array(levelCountsSchema.extend({ at: z.string() })),
});
export type Volume = z.infer<typeof volumeSchema>;

const groupTally = {
  /** Lines that are no markers, those of inner groups among them. */
  lines: z.number().int(),
  errors: z.number().int(),
  warnings: z.number().int(),
};
const groupTallySchema = z.object(groupTally);

const groupSchema = z.object({
  /** The line that opens it. */
  line: logMessageSchema,
  /** The line that ends it; absent while none does. */
  end: z.number().int().optional(),
  /** Of the whole of it, as far as it is stored. */
  ...groupTally,
  /** Of its lines above the one asked for. */
  before: groupTallySchema,
  /** The time of its end, or of its newest lines. */
  last_at: z.string(),
});
export type GroupAtLine = z.infer<typeof groupSchema>;

export const groupsSchema = z.object({
  /** Those around the line, in the order of the lines that open them; null where the run has too many markers to tell. */
  groups: z.array(groupSchema).nullable(),
  /** The run's last line at the reading. */
  through: z.number().int(),
});
export type GroupsAtLine = z.infer<typeof groupsSchema>;

export const facetsSchema = z.object({
  total: z.number().int(),
  level: levelCountsSchema,
  stream: z.record(streamSchema, z.number().int()),
  task: z.array(
    z.object({ task_run_id: idSchema, task_name: z.string(), attempt: z.number().int(), count: z.number().int() }),
  ),
});
export type Facets = z.infer<typeof facetsSchema>;
