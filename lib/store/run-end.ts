import { z } from 'zod';
import { statusSchema } from '@/lib/protocol/run';
import type { RunEnd } from './store';

/** A run-end as the journal keeps it. */
export const runEndSchema = z.object({
  number: z.number().int().positive(),
  status: statusSchema,
  exit_code: z.number().int().optional(),
  signal: z.string().optional(),
  finished_at: z.number().optional(),
});

export function toRunEnd(stored: z.infer<typeof runEndSchema>): RunEnd {
  return {
    number: stored.number,
    status: stored.status,
    exitCode: stored.exit_code,
    signal: stored.signal,
    finishedAtUs: stored.finished_at,
  };
}
