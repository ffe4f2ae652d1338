import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { JOURNAL_AGE_MS, MERGE_CHUNKS_MIN, PRODUCER_AGE_MS } from '@/lib/config/limits';
import { deleteOrphans } from './delete-run';
import { FreedRoom } from './freed-room';
import { trimJournal } from './journal';
import { releaseLease, takeLease } from './leases';
import { findMergeable } from './merge';
import type { OpenStore } from './open-store';
import { findSilentRuns, type SilentRun } from './silent-runs';

const LEASE = 'maintenance';
const LEASE_MS = 30_000;
const SWEEP_INTERVAL_MS = 1000;
/** Every so many sweeps: look for what merging, trimming and deleting have to do. */
const SWEEPS_PER_TIDY = 30;
const RUNS_REMEMBERED_MAX = 10_000;

export interface MaintenanceOptions {
  store: OpenStore;
  /** True where disk is short: merging, which writes before it frees, waits. */
  isDiskShort: () => Promise<boolean>;
  onSilentRuns: (runs: readonly SilentRun[]) => Promise<void>;
  onError: (error: unknown) => void;
}

/** The store's background tasks: one node at a time does them, by lease. A failed sweep is told and tried again at the next. */
export class Maintenance {
  readonly #options: MaintenanceOptions;
  readonly #holder = randomUUID();
  /** By the monotonic clock, in milliseconds: about when this server could first be reached. */
  readonly #startedAt = performance.now();
  /** Runs appended to since their last merge, with the entries they got. */
  readonly #appended = new Map<number, { entries: number; isEnded: boolean }>();
  /** Runs whose merge failed, and whether they had ended. */
  readonly #failed = new Map<number, boolean>();
  /** Where the small chunks at the end of a run begin, so that a long run is not looked through at each merge. */
  readonly #mergedTo = new LRUCache<number, number>({ max: RUNS_REMEMBERED_MAX });
  readonly #freed: FreedRoom;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> | undefined;
  #sweeps = 0;
  #isStopped = false;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
    this.#freed = new FreedRoom(options.store.database.sql, options.onError);
  }

  start(): void {
    this.#timer = setInterval(() => {
      // A sweep may take longer than the interval: the next begins when it is over.
      this.#sweeping ??= this.sweep().finally(() => {
        this.#sweeping = undefined;
      });
    }, SWEEP_INTERVAL_MS);
    this.#timer.unref();
  }

  /** Observability: called for each entry this node commits, so that merging need not search. */
  noteAppend(runKey: number, isEnded: boolean): void {
    const noted = this.#appended.get(runKey);
    this.#appended.set(runKey, { entries: (noted?.entries ?? 0) + 1, isEnded });
  }

  /** One round of all tasks that are due. Never throws. */
  async sweep(): Promise<void> {
    const { store, onError } = this.#options;
    try {
      const { sql } = store.database;
      // First, as merging may take long.
      const isHolder = await takeLease(sql, LEASE, this.#holder, LEASE_MS);
      if (isHolder) {
        const silent = await findSilentRuns(sql, Math.round((performance.now() - this.#startedAt) * 1000));
        if (silent.length > 0) await this.#options.onSilentRuns(silent);
      }
      await this.#mergeAppended();
      if (isHolder && this.#sweeps++ % SWEEPS_PER_TIDY === 0) await this.#tidy();
    } catch (error) {
      onError(error);
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#isStopped = true;
    await Promise.all([this.#sweeping, this.#freed.stop()]);
    await releaseLease(this.#options.store.database.sql, LEASE, this.#holder).catch(() => {});
  }

  async #mergeAppended(): Promise<void> {
    if (this.#appended.size === 0 || (await this.#options.isDiskShort())) return;
    const due = [...this.#appended].filter(([, { entries, isEnded }]) => isEnded || entries >= MERGE_CHUNKS_MIN);
    for (const [runKey, { isEnded }] of due) {
      if (this.#isStopped) return;
      this.#appended.delete(runKey);
      await this.#merge(runKey, isEnded);
    }
  }

  /** Never throws: a run whose merge failed is tried again with the next tidying, and holds no other one up. */
  async #merge(runKey: number, isEnded: boolean): Promise<void> {
    try {
      const fromLine = this.#mergedTo.get(runKey) ?? 0;
      const { nextLine, freedBytes } = await this.#options.store.mergeRun(runKey, { isEnded, fromLine });
      if (isEnded) this.#mergedTo.delete(runKey);
      else this.#mergedTo.set(runKey, nextLine);
      this.#freed.add(freedBytes);
    } catch (error) {
      this.#failed.set(runKey, isEnded);
      this.#options.onError(error);
    }
  }

  async #tidy(): Promise<void> {
    const { store } = this.#options;
    const { sql } = store.database;
    await trimJournal(sql, JOURNAL_AGE_MS, PRODUCER_AGE_MS);
    await deleteOrphans(sql);
    if (await this.#options.isDiskShort()) return;
    const again = new Map(this.#failed);
    this.#failed.clear();
    for (const runKey of await findMergeable(sql, MERGE_CHUNKS_MIN)) if (!again.has(runKey)) again.set(runKey, false);
    for (const [runKey, isEnded] of again) {
      if (this.#isStopped) return;
      this.#mergedTo.delete(runKey);
      await this.#merge(runKey, isEnded);
    }
  }
}
