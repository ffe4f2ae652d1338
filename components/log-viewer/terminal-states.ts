import { channelOf } from '@/lib/protocol/channel-of';
import type { LogMessage } from '@/lib/protocol/log-message';
import { INITIAL_STATE, type RenderState, renderLine } from '@/lib/terminal/render-line';

const ESCAPES = /[\x1b\x9b\x9d]/;

interface Known {
  start: RenderState;
  end: RenderState;
}

/**
 * The style each line begins with: programs leave a colour on over several lines. Each stream of each task is a terminal
 * of its own. What was found is kept with the line, so that a pass over all held lines costs only the new ones.
 */
export class TerminalStates {
  readonly #known = new WeakMap<LogMessage, Known>();
  #ends = new Map<string, RenderState>();

  /**
   * Finds the states of a run's lines in their order; those before the first one held count as plain. `hasGaps`: lines of the same streams may
   * be missing, and with them the end of a colour or a link, so that none is carried over one that is.
   */
  follow(lines: readonly LogMessage[], hasGaps = false): void {
    const channels = new Map<string, RenderState>();
    let channel = '';
    let last: LogMessage | undefined;
    for (const line of lines) {
      if (hasGaps && last && line.id !== last.id + 1) channels.clear();
      // Lines of one stream mostly stand together; to name it anew for each would take most of the pass.
      if (line.stream !== last?.stream || line.task_run_id !== last.task_run_id) channel = channelOf(line);
      last = line;
      const start = channels.get(channel) ?? INITIAL_STATE;
      const known = this.#known.get(line);
      if (known?.start === start) {
        channels.set(channel, known.end);
        continue;
      }
      const end = ESCAPES.test(line.message) ? renderLine(line.message, start).state : start;
      if (end !== INITIAL_STATE || start !== INITIAL_STATE || known) this.#known.set(line, { start, end });
      channels.set(channel, end);
    }
    this.#ends = channels;
  }

  startOf(line: LogMessage): RenderState {
    return this.#known.get(line)?.start ?? INITIAL_STATE;
  }

  /** The style that what comes after the held lines of a stream begins with. */
  endOf(source: Pick<LogMessage, 'stream' | 'task_run_id'>): RenderState {
    return this.#ends.get(channelOf(source)) ?? INITIAL_STATE;
  }
}
