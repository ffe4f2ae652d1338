import { isContinuation, isTraceLine, PLAIN_LINES_MAX, TRACE_LINES_MAX } from '@/lib/protocol/continuation';
import type { LogMessage } from '@/lib/protocol/log-message';

/** Task runs and streams whose traces are followed at once. */
const SOURCES_MAX = 1000;

/** A line of one task run and stream, and those that went on with it so far. */
interface Block {
  last: LogMessage;
  count: number;
  /** Lines that were not picked, and are once the block is known to be a trace that a match is in. */
  pending: LogMessage[];
  isTrace: boolean;
  hasMatch: boolean;
}

/** Picks matching lines from a stream together with the rest of the stack traces that they are in. */
export class TracePicker {
  readonly #matches: (line: LogMessage) => boolean;
  /** What stays out also where it is in such a trace. */
  readonly #excludes: (line: LogMessage) => boolean;
  readonly #blocks = new Map<string, Block>();
  #picked = 0;

  constructor(matches: (line: LogMessage) => boolean, excludes: (line: LogMessage) => boolean) {
    this.#matches = matches;
    this.#excludes = excludes;
  }

  /** The lines to show of the next ones of the stream, ascending, among them earlier ones that a match brought up. */
  pick(lines: readonly LogMessage[]): LogMessage[] {
    const picked: LogMessage[] = [];
    for (const line of lines) {
      const block = this.#follow(line);
      const isMatch = this.#matches(line);
      block.hasMatch ||= isMatch;
      block.isTrace ||= isTraceLine(line.message);
      if (block.isTrace && block.hasMatch) {
        // Lines of others were shown meanwhile: a line is never put above them.
        for (const earlier of block.pending) if (earlier.id > this.#picked) this.#pick(earlier, picked);
        block.pending = [];
        if (isMatch || !this.#excludes(line)) this.#pick(line, picked);
      } else if (isMatch) this.#pick(line, picked);
      else if (!this.#excludes(line)) block.pending.push(line);
    }
    return picked;
  }

  #pick(line: LogMessage, picked: LogMessage[]): void {
    picked.push(line);
    this.#picked = line.id;
  }

  #follow(line: LogMessage): Block {
    const source = `${line.stream} ${line.task_run_id ?? ''}`;
    const block = this.#blocks.get(source);
    const most = block?.isTrace ? TRACE_LINES_MAX : PLAIN_LINES_MAX;
    if (block && block.count < most && isContinuation(line, block.last)) {
      block.last = line;
      block.count += 1;
      return block;
    }
    if (!block && this.#blocks.size >= SOURCES_MAX) this.#blocks.clear();
    const next = { last: line, count: 1, pending: [], isTrace: false, hasMatch: false };
    this.#blocks.set(source, next);
    return next;
  }
}
