/**
 * A value that changes much faster than a screen: listeners hear of it once per animation frame, and then read one
 * snapshot. In a hidden tab nothing is read until it is seen again. Fits useSyncExternalStore.
 */
export class FrameStore<Snapshot> {
  readonly #read: () => Snapshot;
  readonly #listeners = new Set<() => void>();
  #snapshot: Snapshot;
  #frame: number | undefined;

  constructor(read: () => Snapshot) {
    this.#read = read;
    this.#snapshot = read();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): Snapshot => this.#snapshot;

  /** The value changed: read it with the next frame. */
  publish(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#snapshot = this.#read();
      for (const notify of this.#listeners) notify();
    });
  }

  /** Drops the frame that is due, if one is. */
  cancel(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }
}
