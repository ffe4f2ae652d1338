import { channelOf } from '@/lib/protocol/channel-of';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { PartialEvent } from '@/lib/protocol/stream-events';

/** A line as far as its program has written it. */
export interface UnfinishedLine extends PartialEvent {
  /** The same while the line goes on, and another one for the next line. */
  key: number;
}

/** The lines that their programs have not ended yet, one of each stream of a task. */
export class UnfinishedLines {
  readonly #lines = new Map<string, UnfinishedLine>();
  #begun = 0;

  get list(): readonly UnfinishedLine[] {
    return [...this.#lines.values()];
  }

  note(partial: PartialEvent): void {
    const channel = channelOf(partial);
    const key = this.#lines.get(channel)?.key ?? ++this.#begun;
    this.#lines.set(channel, { ...partial, key });
  }

  /** The next line of a stream ends what was unfinished there. */
  end(lines: readonly LogMessage[]): void {
    if (this.#lines.size > 0) for (const line of lines) this.#lines.delete(channelOf(line));
  }

  clear(): void {
    this.#lines.clear();
  }
}
