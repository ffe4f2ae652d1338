import { PARTIAL_INTERVAL_MS } from '@/lib/protocol/limits';
import type { LineBatch } from '@/lib/store/line-batch';
import type { PartialLine } from './bus';
import type { Clock } from './clock';
import { sourceKey } from './run-feed';

/** Outputs whose newest partial is kept; over it the longest unchanged one is forgotten. */
const PARTIALS_MAX = 2000;

interface Held {
  runKey: number;
  isLocal: boolean;
  /** Undefined after its output's next line; the time of its last showing still counts. */
  newest: PartialLine | undefined;
  /** Rises with each partial that is shown; 0 before it was. */
  version: number;
  shownAt: number;
  cancel: (() => void) | undefined;
}

/**
 * The newest unfinished line of each output. Shows at most one per output in PARTIAL_INTERVAL_MS, the newest; forgets it at its
 * output's next line or the run's end.
 */
export class PartialLines {
  readonly #clock: Clock;
  readonly #onShow: (partial: PartialLine, isLocal: boolean) => void;
  readonly #held = new Map<string, Held>();
  readonly #keysOfRun = new Map<number, Set<string>>();
  #version = 0;

  constructor(clock: Clock, onShow: (partial: PartialLine, isLocal: boolean) => void) {
    this.#clock = clock;
    this.#onShow = onShow;
  }

  /** Rises when any partial is shown; a reader that has seen this version has nothing new. */
  get version(): number {
    return this.#version;
  }

  /** Takes the newest text of an output; `isLocal`: from a producer of this node, not from the bus. */
  offer(partial: PartialLine, isLocal: boolean): void {
    const key = keyOf(partial.run.key, sourceKey(partial.task, partial.stream));
    const held = this.#held.get(key) ?? newHeld(partial.run.key);
    held.newest = partial;
    held.isLocal = isLocal;
    this.#remember(key, held);
    if (held.cancel) return;
    const wait = held.shownAt + PARTIAL_INTERVAL_MS - this.#clock.now();
    if (wait <= 0) this.#show(held);
    else {
      held.cancel = this.#clock.after(wait, () => {
        held.cancel = undefined;
        this.#show(held);
      });
    }
  }

  /** The shown partials of a run, or of all, that are newer than `version`. */
  *newer(version: number, runKey?: number): Generator<PartialLine> {
    const keys = runKey === undefined ? this.#held.keys() : (this.#keysOfRun.get(runKey) ?? []);
    for (const key of keys) {
      const held = this.#held.get(key);
      if (held?.newest && held.version > version) yield held.newest;
    }
  }

  /**
   * Lines came at `position`: they end the earlier partials of their outputs, or of the whole run where it is not known whose they are.
   * A partial of another node can be here before the lines that it follows.
   */
  endBy(runKey: number, batch: LineBatch | undefined, position: number): void {
    const keys = this.#keysOfRun.get(runKey);
    if (!keys) return;
    if (!batch) for (const key of keys) this.#end(key, position);
    else
      for (const { task, stream } of batch.columns.facets) this.#end(keyOf(runKey, sourceKey(task, stream)), position);
  }

  endRun(runKey: number): void {
    for (const key of this.#keysOfRun.get(runKey) ?? []) this.#forget(key, runKey);
  }

  clear(): void {
    for (const held of this.#held.values()) held.cancel?.();
    this.#held.clear();
    this.#keysOfRun.clear();
  }

  #show(held: Held): void {
    if (!held.newest) return;
    this.#version += 1;
    held.version = this.#version;
    held.shownAt = this.#clock.now();
    this.#onShow(held.newest, held.isLocal);
  }

  #remember(key: string, held: Held): void {
    this.#held.delete(key);
    this.#held.set(key, held);
    const keys = this.#keysOfRun.get(held.runKey);
    if (keys) keys.add(key);
    else this.#keysOfRun.set(held.runKey, new Set([key]));
    if (this.#held.size <= PARTIALS_MAX) return;
    const [oldest] = this.#held;
    if (oldest) this.#forget(oldest[0], oldest[1].runKey);
  }

  #end(key: string, position: number): void {
    const held = this.#held.get(key);
    if (!held?.newest || held.newest.position >= position) return;
    held.cancel?.();
    held.cancel = undefined;
    held.newest = undefined;
  }

  #forget(key: string, runKey: number): void {
    this.#held.get(key)?.cancel?.();
    this.#held.delete(key);
    const keys = this.#keysOfRun.get(runKey);
    keys?.delete(key);
    if (keys?.size === 0) this.#keysOfRun.delete(runKey);
  }
}

function newHeld(runKey: number): Held {
  return { runKey, isLocal: true, newest: undefined, version: 0, shownAt: -Infinity, cancel: undefined };
}

function keyOf(runKey: number, source: string): string {
  return `${runKey}/${source}`;
}
