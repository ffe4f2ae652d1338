import type { Clock } from '@/lib/feed/clock';

/**
 * Runs a task at most once in `intervalMs` and never twice at a time, however often it is asked for: at once after a quiet time, else when
 * the interval is over. The last request is always followed by a run.
 */
export class Coalescer {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #task: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #isAsked = false;
  #isRunning = false;
  #lastStart = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, intervalMs: number, task: () => Promise<void>, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#task = task;
    this.#onError = onError;
  }

  ask(): void {
    this.#isAsked = true;
    if (this.#isRunning || this.#cancel) return;
    const wait = this.#lastStart + this.#intervalMs - this.#clock.now();
    if (wait <= 0) void this.#run();
    else {
      this.#cancel = this.#clock.after(wait, () => {
        this.#cancel = undefined;
        void this.#run();
      });
    }
  }

  async #run(): Promise<void> {
    this.#isAsked = false;
    this.#isRunning = true;
    this.#lastStart = this.#clock.now();
    try {
      await this.#task();
    } catch (error) {
      this.#onError(error);
    }
    this.#isRunning = false;
    if (this.#isAsked) this.ask();
  }
}
