import { z } from 'zod';
import { idSchema } from './ids';

export const LEVELS = ['info', 'error', 'warn', 'debug'] as const;
export const STREAMS = ['stdout', 'stderr', 'system'] as const;

export type Level = (typeof LEVELS)[number];
export type Stream = (typeof STREAMS)[number];

export const levelSchema = z.enum(LEVELS);
export const streamSchema = z.enum(STREAMS);

/** A flat JSON object: what a producer said about a line besides its text. */
export const attributesSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
export type Attributes = z.infer<typeof attributesSchema>;

/** One line as programs see it. `id` is its number in the run, from 1, dense. */
export const logMessageSchema = z.object({
  id: z.number().int().positive(),
  job_run_id: idSchema,
  task_run_id: idSchema.optional(),
  /** RFC 3339 in UTC with 3 fraction digits, 6 when the microseconds are not zero. */
  timestamp: z.string(),
  level: levelSchema,
  stream: streamSchema,
  message: z.string(),
  task_name: z.string().optional(),
  /** The line goes on in the next one: a part of a line over the bound, or one that the program never ended. */
  continues: z.literal(true).optional(),
  attributes: attributesSchema.optional(),
  /** Present on the global stream alone. */
  cursor: z.string().optional(),
});
export type LogMessage = z.infer<typeof logMessageSchema>;

export const levelCountsSchema = z.object({
  info: z.number().int(),
  error: z.number().int(),
  warn: z.number().int(),
  debug: z.number().int(),
});
export type LevelCounts = z.infer<typeof levelCountsSchema>;
