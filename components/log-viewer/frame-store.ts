/** Of the time that goes by while new values come without end, no more than one part in this many is spent on showing them. */
const SHARE = 3;
/** However slow the page is, it waits no longer than this. */
const PAUSE_MAX_MS = 500;

/**
 * A value that changes much faster than a screen: listeners hear of it once per animation frame at most, and then read one
 * snapshot. In a hidden tab they hear of nothing but what was asked for there. Fits useSyncExternalStore.
 */
export class FrameStore<Snapshot> {
  readonly #read: () => Snapshot;
  readonly #listeners = new Set<() => void>();
  #snapshot: Snapshot;
  #frame: number | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;
  /** Until then a stream of values waits: showing the last one took that long. */
  #pausedUntil = 0;
  #toldAt = 0;

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
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      const start = performance.now();
      this.#tell();
      // A task of its own: React renders before it, and the browser lays out.
      setTimeout(() => {
        const now = performance.now();
        this.#pausedUntil = now + Math.min(PAUSE_MAX_MS, (SHARE - 1) * (now - start));
      });
    });
  }

  /** The value changed as its reader asked for: it is read at once, so that the next frame shows it. */
  publishNow(): void {
    this.cancel();
    this.#tell();
  }

  /**
   * The value changed, as it does all the time: one that comes after a rest is shown with the next frame; where they
   * come without end the page keeps time for its reader, who could not follow them anyway: `restMs` at least.
   */
  publishPaced(restMs = 0): void {
    if (this.#frame !== undefined || this.#pause !== undefined) return;
    const pause = Math.max(this.#pausedUntil, this.#toldAt + restMs) - performance.now();
    if (pause <= 0) this.publish();
    else this.#pause = setTimeout(() => this.publish(), pause);
  }

  #tell(): void {
    this.#toldAt = performance.now();
    this.#snapshot = this.#read();
    for (const notify of this.#listeners) notify();
  }

  /** Drops the frame that is due, if one is. */
  cancel(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    clearTimeout(this.#pause);
    this.#pause = undefined;
  }
}
