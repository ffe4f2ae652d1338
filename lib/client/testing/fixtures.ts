import { formatRunCursor } from '@/lib/protocol/cursor';
import type { LogMessage } from '@/lib/protocol/log-message';

/** The run that tests read, unless they make one of their own. */
export const RUN = 'run-1';
export const RUN_KEY = 17;
const EPOCH = 'e1';

export function makeLine(id: number, change: Partial<LogMessage> = {}): LogMessage {
  return {
    id,
    job_run_id: RUN,
    timestamp: '2024-01-15T10:30:45.123Z',
    level: 'info',
    stream: 'stdout',
    message: `line ${id}`,
    ...change,
  };
}

/** Lines `from` to `to`, both included. */
export function makeLines(from: number, to: number): LogMessage[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => makeLine(from + index));
}

export function cursorAt(line: number, ends?: number, epoch = EPOCH): string {
  return formatRunCursor(epoch, RUN_KEY, line, ends);
}
