'use client';

import { useCallback, useSyncExternalStore } from 'react';

/** One interval per period for the whole page, running only while something shows it. */
class Ticker {
  readonly #periodMs: number;
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #now = 0;

  constructor(periodMs: number) {
    this.#periodMs = periodMs;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#timer === undefined) {
      this.#now = Date.now();
      this.#timer = setInterval(() => {
        this.#now = Date.now();
        for (const notify of this.#listeners) notify();
      }, this.#periodMs);
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  /** Stable between two ticks, as useSyncExternalStore demands, also before the first one. */
  read(): number {
    if (this.#timer === undefined && Date.now() - this.#now > this.#periodMs) this.#now = Date.now();
    return this.#now;
  }
}

const tickers = new Map<number, Ticker>();

function tickerOf(periodMs: number): Ticker {
  const known = tickers.get(periodMs);
  if (known) return known;
  const made = new Ticker(periodMs);
  tickers.set(periodMs, made);
  return made;
}

const never = () => () => {};
const unknown = () => undefined;

/**
 * Epoch milliseconds, renewed every `periodMs` while `active`; undefined on the server and during hydration, so that
 * both render the same.
 */
export function useNow(periodMs: number, active = true): number | undefined {
  const subscribe = useCallback(
    (listener: () => void) => (active ? tickerOf(periodMs).subscribe(listener) : never()),
    [periodMs, active],
  );
  const read = useCallback(() => (active ? tickerOf(periodMs).read() : undefined), [periodMs, active]);
  return useSyncExternalStore(subscribe, read, unknown);
}

/** False on the server and during hydration, then true. */
export function useIsHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
