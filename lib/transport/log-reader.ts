import type { PartialLine } from '@/lib/feed/bus';
import type { Status } from '@/lib/protocol/run';
import type { ResetEvent, RunEndEvent } from '@/lib/protocol/stream-events';
import { formatTimestamp } from '@/lib/protocol/timestamp';
import type { LineBatch } from '@/lib/store/line-batch';
import type { JournalEntry, RunEnd } from '@/lib/store/store';

/** What follows a reader's cursor now. */
export type Step =
  /** Lines in memory, from index `from` to `to` (exclusive) of the batch; on the global stream the batch is exactly `entry`'s lines. */
  | { kind: 'lines'; batch: LineBatch; from: number; to: number; entry: JournalEntry | undefined }
  | { kind: 'run-end'; event: RunEndEvent; endsStream: boolean }
  /** The store has to be read first. */
  | { kind: 'read' }
  /** Nothing yet. */
  | { kind: 'idle' }
  | { kind: 'reset'; event: ResetEvent }
  /** The run-end at the cursor was sent before, on this or another connection. */
  | { kind: 'over'; status: Status }
  /** The run was deleted. */
  | { kind: 'gone' };

/** A cursor over the log that moves when it is told to. Everything but `read` is synchronous. */
export interface LogReader {
  /** Where a client that saw everything so far resumes. */
  readonly cursor: string;
  /** The run's newest line; undefined on the global stream. */
  readonly lastLine: number | undefined;
  next(): Step;
  /** Reads what `next` asked for. */
  read(): Promise<void>;
  /** Moves past so many lines of the step. */
  passLines(count: number): void;
  /** Moves past a run-end or to where a reset goes on. */
  pass(): void;
  /** Partials that this reader has not seen; asked at the head alone. */
  newPartials(): Iterable<PartialLine>;
  close(): void;
}

export function runEndEvent(cursor: string, runId: string, end: RunEnd, lastLine: number): RunEndEvent {
  return {
    cursor,
    job_run_id: runId,
    status: end.status,
    ...(end.exitCode !== undefined && { exit_code: end.exitCode }),
    ...(end.signal !== undefined && { signal: end.signal }),
    ...(end.finishedAtUs !== undefined && { finished_at: formatTimestamp(end.finishedAtUs) }),
    last: lastLine,
  };
}
