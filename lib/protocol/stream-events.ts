import { z } from 'zod';
import { idSchema } from './ids';
import { streamSchema } from './log-message';
import { statusSchema } from './run';

/** Control events of a stream. Each has a `cursor`: where a client that saw the event resumes. */

const cursor = z.string();
const line = z.number().int().nonnegative();

export const connectedSchema = z.object({
  cursor,
  job_run_id: idSchema.optional(),
  status: statusSchema.optional(),
  /** The run's oldest and newest line now; absent on the global stream. */
  first: line.optional(),
  last: line.optional(),
});
export type ConnectedEvent = z.infer<typeof connectedSchema>;

export const progressSchema = z.object({ cursor, last: line.optional(), at: z.string() });
export type ProgressEvent = z.infer<typeof progressSchema>;

export const RESET_REASONS = ['epoch', 'expired', 'truncated', 'ahead'] as const;
export const resetReasonSchema = z.enum(RESET_REASONS);
export type ResetReason = z.infer<typeof resetReasonSchema>;

export const resetSchema = z.object({
  cursor,
  reason: resetReasonSchema,
  first: line.optional(),
  last: line.optional(),
});
export type ResetEvent = z.infer<typeof resetSchema>;

export const runEndSchema = z.object({
  cursor,
  job_run_id: idSchema,
  status: statusSchema,
  exit_code: z.number().int().optional(),
  signal: z.string().optional(),
  finished_at: z.string().optional(),
  last: line,
});
export type RunEndEvent = z.infer<typeof runEndSchema>;

/** A line that its program has not ended yet; never stored, ended by that stream's next line. */
export const partialSchema = z.object({
  cursor,
  job_run_id: idSchema,
  task_run_id: idSchema.optional(),
  stream: streamSchema,
  message: z.string(),
  at: z.string(),
});
export type PartialEvent = z.infer<typeof partialSchema>;

export interface ControlEvents {
  connected: ConnectedEvent;
  progress: ProgressEvent;
  reset: ResetEvent;
  'run-end': RunEndEvent;
  partial: PartialEvent;
}
export type ControlType = keyof ControlEvents;

export const controlSchemas = {
  connected: connectedSchema,
  progress: progressSchema,
  reset: resetSchema,
  'run-end': runEndSchema,
  partial: partialSchema,
} satisfies { [T in ControlType]: z.ZodType<ControlEvents[T]> };
