const DRIFT_MS_MAX = 2;

/**
 * The time of day in whole microseconds since the epoch. `Date.now()` counts milliseconds, so the monotonic clock
 * supplies the digits below; it is set anew whenever the two disagree (a corrected clock, a suspended machine).
 */
export class MicrosecondClock {
  #originMs = Date.now() - performance.now();

  now(): number {
    const wallMs = Date.now();
    const monotonicMs = performance.now();
    if (Math.abs(this.#originMs + monotonicMs - wallMs) > DRIFT_MS_MAX) this.#originMs = wallMs - monotonicMs;
    return Math.round((this.#originMs + monotonicMs) * 1000);
  }
}
