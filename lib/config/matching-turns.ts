/** So long all that match text on this thread may take together of one turn of the event loop; one line is the least. */
const TURN_MS = 10;

/**
 * Shares a thread's time between all that match expressions on it. What matching a line costs is known only afterwards: a few microseconds, or
 * a thousand times as many. So whoever does it asks after each line whether the time is over, and then waits, behind those who wait already, for a
 * turn of the event loop of its own. In between everything else is served.
 */
export class MatchingTurns {
  readonly #now: () => number;
  readonly #waiting: Array<() => void> = [];
  /** When the matching of this turn of the event loop has to end; undefined where none has begun. */
  #endsAt: number | undefined;
  #isScheduled = false;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** True where nobody may look at a further line in this turn of the event loop. The first question begins the time. */
  get isOver(): boolean {
    if (this.#endsAt === undefined) {
      this.#endsAt = this.#now() + TURN_MS;
      this.#schedule();
    }
    return this.#now() >= this.#endsAt;
  }

  /** Calls in a later turn, one caller a turn in the order in which they asked. */
  next(call: () => void): void {
    this.#waiting.push(call);
    this.#schedule();
  }

  /** The same as a promise. */
  pause(): Promise<void> {
    return new Promise((resolve) => this.next(resolve));
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#endsAt = undefined;
      // Before the call, which may throw.
      if (this.#waiting.length > 1) this.#schedule();
      this.#waiting.shift()?.();
    });
  }
}

/** Those of this thread. */
export const matchingTurns = new MatchingTurns();
