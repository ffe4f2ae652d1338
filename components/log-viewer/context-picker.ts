import type { LogMessage } from '@/lib/protocol/log-message';

/** Picks matching lines from a stream together with the lines next to them, as `grep -C` does. */
export class ContextPicker {
  readonly #matches: (line: LogMessage) => boolean;
  readonly #context: number;
  /** The newest lines that were passed over. */
  #before: LogMessage[] = [];
  /** Lines still to give after the last match. */
  #owed = 0;

  constructor(context: number, matches: (line: LogMessage) => boolean) {
    this.#context = context;
    this.#matches = matches;
  }

  /** The lines to show of the next ones of the stream, among them earlier ones that a match brought up. */
  pick(lines: readonly LogMessage[]): LogMessage[] {
    const picked: LogMessage[] = [];
    for (const line of lines) {
      if (this.#matches(line)) {
        picked.push(...this.#before, line);
        this.#before = [];
        this.#owed = this.#context;
      } else if (this.#owed > 0) {
        picked.push(line);
        this.#owed -= 1;
      } else {
        this.#before.push(line);
        if (this.#before.length > this.#context) this.#before.shift();
      }
    }
    return picked;
  }
}
