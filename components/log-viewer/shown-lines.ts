import type { LogMessage } from '@/lib/protocol/log-message';

/** `.123Z`: what follows the seconds of a time without microseconds. */
const MILLISECONDS_CHARS = '2026-01-31T10:30:45.123Z'.length;

/** The lines in the list at this moment, ascending by id, for those who ask about one of them. */
export class ShownLines {
  #lines: readonly LogMessage[] = [];
  #hasMicroseconds = false;

  /** Takes the lines of this frame. */
  follow(lines: readonly LogMessage[]): void {
    if (lines === this.#lines) return;
    this.#lines = lines;
    this.#hasMicroseconds ||= lines.some((line) => line.timestamp.length > MILLISECONDS_CHARS);
  }

  /** True from the first line on whose time has microseconds, so that a column has room for them and stays as wide. */
  get hasMicroseconds(): boolean {
    return this.#hasMicroseconds;
  }

  readonly find = (id: number): LogMessage | undefined => {
    const line = this.#lines[this.#indexOf(id)];
    return line?.id === id ? line : undefined;
  };

  /** The time of the shown line before it; undefined for the first one. */
  readonly previousOf = (line: LogMessage): string | undefined => this.#lines[this.#indexOf(line.id) - 1]?.timestamp;

  /** The index of the first line with this id or a greater one. */
  #indexOf(id: number): number {
    let low = 0;
    let high = this.#lines.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#lines[middle]?.id ?? id) < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
