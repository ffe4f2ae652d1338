import { z } from 'zod';

/** What the process with the readers is asked, and what it answers. */
export const readersRequestSchema = z.discriminatedUnion('ask', [
  z.object({
    ask: z.literal('open'),
    id: z.number(),
    kind: z.enum(['websocket', 'sse', 'socketio']),
    port: z.number(),
    path: z.string(),
    subscribe: z.object({ job_run_id: z.string(), after: z.number() }).optional(),
    readers: z.number(),
    marker: z.string(),
    /** So many readers, spread over all, measure how old each line is that says when it was sent. */
    timed: z.number(),
    /** Every reader counts its lines, which takes their processor's time; otherwise one does. */
    allCount: z.boolean().optional(),
  }),
  z.object({ ask: z.literal('reached'), id: z.number() }),
  z.object({ ask: z.literal('stall'), id: z.number(), readers: z.number() }),
  z.object({ ask: z.literal('drop-stalled'), id: z.number() }),
  z.object({ ask: z.literal('close'), id: z.number() }),
]);
export type ReadersRequest = z.infer<typeof readersRequestSchema>;

const latency = z.object({ samples: z.number(), p50Us: z.number(), p99Us: z.number(), maxUs: z.number() });
export type Latency = z.infer<typeof latency>;

export const readersAnswerSchema = z.object({
  id: z.number(),
  error: z.string().optional(),
  /** Of `reached`: the least and most lines that a counting reader got, and the least and most bytes that any got. */
  leastLines: z.number().optional(),
  mostLines: z.number().optional(),
  leastBytes: z.number().optional(),
  mostBytes: z.number().optional(),
  latency: latency.optional(),
});
export type ReadersAnswer = z.infer<typeof readersAnswerSchema>;
