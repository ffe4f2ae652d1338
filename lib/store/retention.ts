import { randomUUID } from 'node:crypto';
import { releaseLease, takeLease } from './leases';
import type { OpenStore } from './open-store';
import {
  findEmptiedRuns,
  findExcessBytes,
  findLongRuns,
  findOldestLines,
  findOldestRuns,
  findOldLines,
  findOldRuns,
  type LinesToRemove,
} from './retention-plan';

const LEASE = 'retention';
const LEASE_MS = 30_000;
/** Chunks removed by one transaction: some milliseconds, and an append waits only for its end. */
const CHUNKS_PER_STEP = 100;

/** What is kept; absent: no bound. Pinned runs are kept whole and count for the bytes. */
export interface RetentionLimits {
  /** Milliseconds since a run ended; in a run that goes on, since the time of a line. */
  ageMs: number | undefined;
  /** Of all chunks, compressed as they are stored. */
  bytes: number | undefined;
  /** Per run. Whole chunks go, so at least so many lines stay. */
  lines: number | undefined;
}

export interface RetentionOptions {
  store: OpenStore;
  limits: RetentionLimits;
  intervalMs: number;
  /** Runs that lost lines or are gone; their readers are to be told. Called after each short transaction. */
  onRemoved: (runKeys: readonly number[]) => void;
  /** Observability: what a pass removed, where it removed something. */
  onPass?: ((removed: Removed) => void) | undefined;
  onError: (error: unknown) => void;
}

export interface Removed {
  lines: number;
  /** Runs that are gone as a whole. */
  runs: number;
}

/**
 * Deletes what is beyond the limits, whole chunks from the start of a run and whole runs that have ended. One node at a time does so,
 * by lease, in short transactions; what is left when it stops, or changed under its hands, is taken up by the next pass.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #holder = randomUUID();
  #timer: NodeJS.Timeout | undefined;
  #passing: Promise<unknown> | undefined;
  #isStopping = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Passes in intervals from now on; does nothing where no limit is set. */
  start(): void {
    const { limits, intervalMs, onError } = this.#options;
    if (limits.ageMs === undefined && limits.bytes === undefined && limits.lines === undefined) return;
    this.#timer = setInterval(() => {
      // A pass may take longer than the interval: the next begins when it is over.
      this.#passing ??= this.pass()
        .catch(onError)
        .finally(() => {
          this.#passing = undefined;
        });
    }, intervalMs);
    this.#timer.unref();
  }

  /** One pass: what it removed. Nothing where another node has the lease. */
  async pass(): Promise<Removed> {
    const { store, limits, onPass } = this.#options;
    const { sql } = store.database;
    const removed: Removed = { lines: 0, runs: 0 };
    if (!(await this.#mayGoOn())) return removed;
    const ageUs = limits.ageMs === undefined ? undefined : limits.ageMs * 1000;
    if (ageUs !== undefined) {
      await this.#removeAll(await findOldRuns(sql, ageUs), removed);
      await this.#removeAll(await findOldLines(sql, ageUs), removed);
    }
    if (limits.lines !== undefined) await this.#removeAll(await findLongRuns(sql, limits.lines), removed);
    if (limits.bytes !== undefined) await this.#removeBytes(limits.bytes, removed);
    for (const runKey of await findEmptiedRuns(sql, ageUs)) {
      if (!(await this.#mayGoOn())) break;
      if (!(await store.expireRun(runKey))) continue;
      removed.runs += 1;
      this.#options.onRemoved([runKey]);
    }
    if (removed.lines > 0 || removed.runs > 0) onPass?.(removed);
    return removed;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#timer);
    await this.#passing;
    await releaseLease(this.#options.store.database.sql, LEASE, this.#holder).catch(() => {});
  }

  async #removeBytes(bytesMax: number, removed: Removed): Promise<void> {
    const { sql } = this.#options.store.database;
    const excess = await findExcessBytes(sql, bytesMax);
    if (excess <= 0) return;
    await this.#removeAll(await findOldestRuns(sql, excess), removed);
    const rest = await findExcessBytes(sql, bytesMax);
    if (rest > 0) await this.#removeAll(await findOldestLines(sql, rest), removed);
  }

  async #removeAll(plan: readonly LinesToRemove[], removed: Removed): Promise<void> {
    for (const { runKey, before } of plan) {
      for (let chunks = CHUNKS_PER_STEP; chunks === CHUNKS_PER_STEP; ) {
        if (!(await this.#mayGoOn())) return;
        const step = await this.#options.store.truncateRun(runKey, before, CHUNKS_PER_STEP);
        if (step.kind === 'changed' || step.chunks === 0) break;
        chunks = step.chunks;
        removed.lines += step.lines;
        this.#options.onRemoved([runKey]);
      }
    }
  }

  /** True while this node has the lease, which is renewed with each step, and does not stop. */
  async #mayGoOn(): Promise<boolean> {
    return !this.#isStopping && takeLease(this.#options.store.database.sql, LEASE, this.#holder, LEASE_MS);
  }
}
