import { z } from 'zod';
import { runListSchema, type StreamStatus, streamStatusSchema } from './api';
import { idSchema } from './ids';
import { type LogMessage, logMessageSchema } from './log-message';
import { problemSchema } from './problem';
import { type Run, runSchema, type TaskRun, taskRunSchema } from './run';
import type { ControlEvents } from './stream-events';

/** Socket.IO: path `/socket.io`, namespace `/logs`, transport `websocket` alone. */
export const SOCKET_NAMESPACE = '/logs';

/** A client's own name for one of its subscriptions. */
const sub = z.union([z.string().min(1).max(128), z.number()]);
export type Sub = z.infer<typeof sub>;

/** The query's filter names; values as in a URL, or arrays and numbers. */
const filterValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))]);

export const subscribeSchema = z.strictObject({
  sub,
  job_run_id: idSchema.optional(),
  after: z.union([z.string(), z.number().int().nonnegative()]).optional(),
  tail: z.number().int().positive().optional(),
  filter: z.record(z.string(), filterValue).optional(),
});
export type SubscribeInput = z.input<typeof subscribeSchema>;

export const unsubscribeSchema = z.strictObject({ sub });

/** What a page watches: a list of runs (parameters as in GET /job-runs), one run with its tasks, or the status. */
export const watchSchema = z.union([
  z.strictObject({ runs: z.record(z.string(), z.union([z.string(), z.number()])) }),
  z.strictObject({ run: idSchema }),
  z.strictObject({ status: z.literal(true) }),
]);
export type WatchInput = z.input<typeof watchSchema>;

export const subscribeAckSchema = z.union([z.object({ ok: z.literal(true), cursor: z.string() }), problemSchema]);
export type SubscribeAck = z.infer<typeof subscribeAckSchema>;
export const watchAckSchema = z.union([z.object({ ok: z.literal(true) }), problemSchema]);
export type WatchAck = z.infer<typeof watchAckSchema>;

export const linesSchema = z.object({ sub, cursor: z.string(), lines: z.array(logMessageSchema) });
export interface LinesEvent {
  sub: Sub;
  cursor: string;
  lines: LogMessage[];
}
export const runEventSchema = z.object({ job_run: runSchema, task_runs: z.array(taskRunSchema) });
/** The changed runs of a watched list. */
export const runsEventSchema = runListSchema.pick({ job_runs: true });
export const statusEventSchema = streamStatusSchema;

export interface ServerEvents {
  lines: (event: LinesEvent, ack: () => void) => void;
  connected: (event: ControlEvents['connected'] & { sub: Sub }) => void;
  progress: (event: ControlEvents['progress'] & { sub: Sub }) => void;
  reset: (event: ControlEvents['reset'] & { sub: Sub }) => void;
  'run-end': (event: ControlEvents['run-end'] & { sub: Sub }) => void;
  partial: (event: ControlEvents['partial'] & { sub: Sub }) => void;
  run: (event: { job_run: Run; task_runs: TaskRun[] }) => void;
  runs: (event: { job_runs: Run[] }) => void;
  status: (event: StreamStatus) => void;
}

export interface ClientEvents {
  subscribe: (input: SubscribeInput, ack: (answer: SubscribeAck) => void) => void;
  unsubscribe: (input: { sub: Sub }, ack?: (answer: WatchAck) => void) => void;
  watch: (input: WatchInput, ack: (answer: WatchAck) => void) => void;
  unwatch: (input: WatchInput, ack?: (answer: WatchAck) => void) => void;
}
