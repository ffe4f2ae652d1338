import { z } from 'zod';
import { idSchema } from './ids';
import { METADATA_DEPTH_MAX } from './limits';
import { levelCountsSchema } from './log-message';
import { isStorableText, UNSTORABLE_TEXT } from './storable-text';

export const STATUSES = ['pending', 'running', 'completed', 'failed', 'canceled', 'lost'] as const;
export type Status = (typeof STATUSES)[number];
export const statusSchema = z.enum(STATUSES);

export const FINAL_STATUSES = ['completed', 'failed', 'canceled'] as const;
export type FinalStatus = (typeof FINAL_STATUSES)[number];

/** True where the status ends streams: the final ones, and `lost` until the producer's next sign. */
export function endsStreams(status: Status): boolean {
  return status !== 'pending' && status !== 'running';
}

/** True for a status that never changes again. */
export function isFinal(status: Status): status is FinalStatus {
  return status === 'completed' || status === 'failed' || status === 'canceled';
}

/** A JSON object about a run. */
export type Metadata = Record<string, z.infer<ReturnType<typeof z.json>>>;

/** Metadata that were stored, or that a server sent: what is inside them was looked at when they were taken. */
export const storedMetadataSchema = z.custom<Metadata>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
);

/** Metadata as JSON.parse gives them. No recursion: a megabyte can be nested deeper than the stack, or hold half a million values. */
export const metadataSchema = storedMetadataSchema.superRefine((value, context) => {
  const wrong = unstorableMetadata(value);
  if (wrong !== undefined) context.addIssue({ code: 'custom', message: wrong });
});

function unstorableMetadata(root: unknown): string | undefined {
  let level = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > METADATA_DEPTH_MAX) return `must be nested at most ${METADATA_DEPTH_MAX} deep`;
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === 'string' && !isStorableText(value)) return UNSTORABLE_TEXT;
      if (typeof value !== 'object' || value === null) continue;
      for (const [name, member] of Object.entries(value)) {
        if (!isStorableText(name)) return UNSTORABLE_TEXT;
        next.push(member);
      }
    }
    level = next;
  }
  return undefined;
}

const time = z.string();
const count = z.number().int().nonnegative();

/** A job run as programs see it; absent optional fields are left out. */
export const runSchema = z.object({
  id: idSchema,
  job_name: z.string(),
  status: statusSchema,
  started_at: time.optional(),
  finished_at: time.optional(),
  exit_code: z.number().int().optional(),
  signal: z.string().optional(),
  triggered_by: z.string().optional(),
  metadata: storedMetadataSchema.optional(),
  /** The oldest line that retention left; 1 on a whole run. */
  first_line: z.number().int().positive(),
  /** How many lines there are now: last − first + 1. */
  line_count: count,
  byte_count: count,
  level_counts: levelCountsSchema,
  masked_count: count,
  replaced_count: count,
  pinned: z.boolean(),
  heartbeat_seconds: z.number().int().positive().optional(),
  /** When the producer was last heard; only on runs with `heartbeat_seconds`. */
  last_heartbeat_at: time.optional(),
});
export type Run = z.infer<typeof runSchema>;

/** One attempt of a task of a run. */
export const taskRunSchema = z.object({
  id: idSchema,
  job_run_id: idSchema,
  task_name: z.string(),
  attempt: z.number().int().positive(),
  status: statusSchema,
  started_at: time.optional(),
  finished_at: time.optional(),
  exit_code: z.number().int().optional(),
  signal: z.string().optional(),
  line_count: count,
  level_counts: levelCountsSchema,
});
export type TaskRun = z.infer<typeof taskRunSchema>;
