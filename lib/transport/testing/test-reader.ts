import type { LogMessage } from '@/lib/protocol/log-message';
import type { ControlEvents, ControlType } from '@/lib/protocol/stream-events';

/** What a client saw, in order. */
export type Seen =
  | { type: 'log'; line: LogMessage; cursor: string | undefined }
  | { [T in ControlType]: { type: T; event: ControlEvents[T] } }[ControlType];

/** How a stream ended, as far as its client can tell. */
export interface Ended {
  /** Close code of a WebSocket, or status of an HTTP answer that was no stream. */
  code?: number | undefined;
  reason?: string | undefined;
  /** The problem object of a refused subscription. */
  problem?: { code: string; status: number } | undefined;
}

export interface ReaderQuery {
  job_run_id?: string;
  after?: string | number;
  tail?: number;
  partial?: string;
  filter?: Record<string, string>;
}

/** One connection of a client that was not written here, and everything that it was sent. */
export class TestReader {
  readonly seen: Seen[] = [];
  ended: Ended | undefined;
  readonly #drop: () => void;
  readonly #waiting = new Set<() => void>();

  constructor(drop: () => void) {
    this.#drop = drop;
  }

  get lines(): LogMessage[] {
    return this.seen.flatMap((one) => (one.type === 'log' ? [one.line] : []));
  }

  get ids(): number[] {
    return this.lines.map(({ id }) => id);
  }

  get messages(): string[] {
    return this.lines.map(({ message }) => message);
  }

  get types(): string[] {
    return this.seen.map(({ type }) => type);
  }

  controls<T extends ControlType>(type: T): ControlEvents[T][] {
    const found: ControlEvents[T][] = [];
    for (const one of this.seen) if (isControl(one, type)) found.push(one.event);
    return found;
  }

  /** Where a client resumes: at the newest cursor it saw; a line without one has its number. */
  get resumeAt(): string | undefined {
    const last = this.seen.at(-1);
    if (!last) return undefined;
    return last.type === 'log' ? (last.cursor ?? String(last.line.id)) : last.event.cursor;
  }

  see(one: Seen): void {
    this.seen.push(one);
    this.#tell();
  }

  end(ended: Ended): void {
    this.ended ??= ended;
    this.#tell();
  }

  /** Breaks the connection from the client's side, without a goodbye. */
  drop(): void {
    this.#drop();
  }

  /** Settles once the condition holds; fails where the stream ended before. */
  async until(condition: (reader: this) => boolean, what = 'what the test waits for'): Promise<this> {
    while (!condition(this)) {
      if (this.ended) throw new Error(`the stream ended (${JSON.stringify(this.ended)}) before ${what}`);
      await this.#next();
    }
    return this;
  }

  untilLines(count: number): Promise<this> {
    return this.until(({ lines }) => lines.length >= count, `${count} lines`);
  }

  async untilEnded(): Promise<Ended> {
    while (!this.ended) await this.#next();
    return this.ended;
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #tell(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

function isControl<T extends ControlType>(
  one: Seen,
  type: T,
): one is Extract<Seen, { type: T }> & { event: ControlEvents[T] } {
  return one.type === type;
}
