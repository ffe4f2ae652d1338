/**
 * Something to wait for: `notify` ends the current wait, or the next one where nobody waits yet, so that no call is lost
 * between a look and a wait. Waiting does not keep the process alive.
 */
export class WakeUp {
  #notified = false;
  #wake: (() => void) | undefined;

  notify(): void {
    this.#notified = true;
    this.#wake?.();
  }

  /** Resolves at the next `notify`, when `signal` aborts, or after `ms` (absent: no such end). One waiter at a time. */
  async wait(signal: AbortSignal, ms?: number): Promise<void> {
    if (!this.#notified && !signal.aborted && (ms === undefined || ms > 0)) {
      await new Promise<void>((resolve) => {
        const finish = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', finish);
          this.#wake = undefined;
          resolve();
        };
        const timer = ms === undefined ? undefined : setTimeout(finish, ms).unref();
        signal.addEventListener('abort', finish);
        this.#wake = finish;
      });
    }
    this.#notified = false;
  }
}
