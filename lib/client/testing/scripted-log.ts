import { formatGlobalCursor, formatRunCursor, parseCursor, parseLineNumber } from '@/lib/protocol/cursor';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { FinalStatus } from '@/lib/protocol/run';
import type { ResetEvent, ResetReason, RunEndEvent } from '@/lib/protocol/stream-events';
import { makeLine, RUN, RUN_KEY } from './fixtures';

/** Where a reader stands, and what it is told first. */
export interface Start {
  line: number;
  cursor: string;
  reset?: ResetEvent;
  /** Nothing follows: the newest run-end was presented. */
  isOver: boolean;
}

/** The log of one run in memory, as a server would keep it. The stream of all runs shows the same lines. */
export class ScriptedLog {
  epoch = 'e1';
  first = 1;
  lines: LogMessage[] = [];
  status: 'running' | FinalStatus = 'running';
  ends = 0;

  get last(): number {
    return this.first + this.lines.length - 1;
  }

  append(count: number, change: Partial<LogMessage> = {}): void {
    for (let added = 0; added < count; added += 1) this.lines.push(makeLine(this.last + 1, change));
  }

  end(status: FinalStatus = 'completed'): void {
    this.status = status;
    this.ends += 1;
  }

  /** Takes the lines below `first` away. */
  truncate(first: number): void {
    this.lines = this.lines.slice(first - this.first);
    this.first = first;
  }

  /** Another log in its place, as after a restore. */
  replace(count: number): void {
    this.epoch = `e${Number(this.epoch.slice(1)) + 1}`;
    this.first = 1;
    this.lines = [];
    this.status = 'running';
    this.append(count);
  }

  after(line: number, count: number): LogMessage[] {
    const index = line - this.first + 1;
    return this.lines.slice(index, index + count);
  }

  /** In the journal each line is the first item of an entry, and a run-end the rest of its last line's. */
  cursor(line: number, isGlobal: boolean, ends?: number): string {
    return isGlobal
      ? formatGlobalCursor(this.epoch, line, ends === undefined ? 1 : 0)
      : formatRunCursor(this.epoch, RUN_KEY, line, ends);
  }

  runEnd(isGlobal: boolean): RunEndEvent | undefined {
    if (this.status === 'running') return undefined;
    const cursor = this.cursor(this.last, isGlobal, this.ends);
    return { cursor, job_run_id: RUN, status: this.status, last: this.last };
  }

  start(isGlobal: boolean, after: string | undefined, tail: number | undefined): Start {
    if (after === undefined) {
      const line =
        tail === undefined ? (isGlobal ? this.last : this.first - 1) : Math.max(this.first - 1, this.last - tail);
      return { line, cursor: this.cursor(line, isGlobal), isOver: false };
    }
    const number = parseLineNumber(after);
    const cursor = parseCursor(after);
    const line = number ?? (cursor?.kind === 'run' ? cursor.line : (cursor?.position ?? 0));
    const reason = cursor && cursor.epoch !== this.epoch ? 'epoch' : this.#reason(line);
    if (reason) return this.#reset(reason, after, isGlobal);
    const isOver = cursor?.kind === 'run' && this.status !== 'running' && cursor.ends === this.ends;
    return { line, cursor: number === undefined ? after : this.cursor(line, isGlobal), isOver };
  }

  #reason(line: number): ResetReason | undefined {
    if (line > this.last) return 'ahead';
    return line !== 0 && line < this.first - 1 ? 'truncated' : undefined;
  }

  #reset(reason: ResetReason, presented: string, isGlobal: boolean): Start {
    const line = isGlobal ? this.last : this.first - 1;
    const place = isGlobal ? {} : { first: this.first, last: this.last };
    return { line, cursor: presented, reset: { cursor: this.cursor(line, isGlobal), reason, ...place }, isOver: false };
  }
}
