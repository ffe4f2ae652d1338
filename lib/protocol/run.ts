import { z } from 'zod';
import { idSchema } from './ids';
import { levelCountsSchema } from './log-message';

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

export const metadataSchema = z.record(z.string(), z.json());
export type Metadata = z.infer<typeof metadataSchema>;

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
  metadata: metadataSchema.optional(),
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
