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
  readonly #restMs: number;
  readonly #listeners = new Set<() => void>();
  #snapshot: Snapshot;
  #frame: number | undefined;
  /** A value of the stream has not been told yet. */
  #isBehind = false;
  #isPacing = false;
  /** Until then a stream of values waits: showing the last one took that long. */
  #pausedUntil = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** `restMs`: how long a stream of values rests at least between two that are shown. */
  constructor(read: () => Snapshot, restMs = 0) {
    this.#read = read;
    this.#restMs = restMs;
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
      const start = performance.now();
      this.#tell();
      void this.#restAfter(start);
    });
  }

  /** The value changed as its reader asked for: it is read at once, so that the next frame shows it. */
  publishNow(): void {
    this.cancel();
    this.#tell();
  }

  /**
   * The value changed, as it does all the time: one that comes after a rest is shown with the frame after the next; where
   * they come without end the page keeps time for its reader, who could not follow them anyway.
   */
  publishPaced(): void {
    this.#isBehind = true;
    if (!this.#isPacing) void this.#pace();
  }

  /**
   * Tells behind a frame, in a task of its own: to make many rows and to draw them hold the page longer in one task than
   * either does, and a task that began later would make the next frame late.
   */
  async #pace(): Promise<void> {
    this.#isPacing = true;
    try {
      while (this.#isBehind) {
        const pause = this.#pause();
        if (pause > 0) await delay(pause);
        await nextFrame();
        await delay(0);
        // The frame may have told what is no stream.
        if (!this.#isBehind || this.#pause() > 0) continue;
        const start = performance.now();
        this.#tell();
        // React renders in the microtask that its listeners have asked for.
        await undefined;
        const madeMs = performance.now() - start;
        await nextFrame();
        await this.#restAfter(performance.now() - madeMs);
      }
    } finally {
      this.#isPacing = false;
    }
  }

  /** Milliseconds until the stream may be told again. */
  #pause(): number {
    return Math.max(this.#pausedUntil, this.#toldAt + this.#restMs) - performance.now();
  }

  /** Once what was told is drawn, which took the page all the time since `start`. */
  async #restAfter(start: number): Promise<void> {
    // A task of its own: React renders before it, and the browser lays out.
    await delay(0);
    const now = performance.now();
    this.#pausedUntil = now + Math.min(PAUSE_MAX_MS, (SHARE - 1) * (now - start));
  }

  #tell(): void {
    this.#isBehind = false;
    this.#toldAt = performance.now();
    this.#snapshot = this.#read();
    for (const notify of this.#listeners) notify();
  }

  /** Drops what is due. */
  cancel(): void {
    this.#isBehind = false;
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function nextFrame(): Promise<number> {
  return new Promise(requestAnimationFrame);
}
