/** The numbers of the first, the middle and the last line in sight, and the times of the first and the last. */
export interface Sight {
  first: number;
  middle: number;
  last: number;
  from: string;
  to: string;
}

/**
 * What is in sight, for those who show it. It changes with every turn of the wheel, so it is no state of the viewer:
 * only who subscribes renders again. Fits useSyncExternalStore.
 */
export class SightStore {
  readonly #listeners = new Set<() => void>();
  #sight: Sight | undefined;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly get = (): Sight | undefined => this.#sight;

  set(sight: Sight): void {
    const known = this.#sight;
    if (known && known.first === sight.first && known.last === sight.last && known.middle === sight.middle) return;
    this.#sight = sight;
    for (const notify of this.#listeners) notify();
  }
}
