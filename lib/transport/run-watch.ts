import { seesJob } from '@/lib/auth/visible-jobs';
import type { Feed } from '@/lib/feed/feed';
import type { Run, TaskRun } from '@/lib/protocol/run';
import { parseTimestamp } from '@/lib/protocol/timestamp';
import type { LogStore, RunListQuery } from '@/lib/store/store';
import { Coalescer } from './coalescer';

/** News of runs at most once in this time: counters change with every commit. */
const NEWS_INTERVAL_MS = 250;
/** Changed runs read at a time. */
const READ_RUNS_MAX = 500;
/**
 * Larger metadata of a run are not in the news of a list: they hardly change, and read and sent anew with every commit they are more than a
 * watcher on a slow connection can take.
 */
const LIST_METADATA_BYTES_MAX = 16 * 1024;

export type RunWatchStore = Pick<LogStore, 'readRunsByKey' | 'readRun' | 'readTasksOfRun' | 'resolveRun'>;
type SendRuns = (runs: Run[]) => void;
type SendRun = (run: Run, tasks: TaskRun[]) => void;

/** Tells pages which runs changed. Each change is read once, whatever the number of watchers. */
export class RunWatch {
  readonly #feed: Feed;
  readonly #store: RunWatchStore;
  readonly #lists = new Map<SendRuns, RunListQuery>();
  readonly #runs = new Map<number, Set<SendRun>>();
  readonly #news: Coalescer;
  #changed = new Set<number>();
  #stopListening: (() => void) | undefined;

  constructor(feed: Feed, store: RunWatchStore, onError: (error: unknown) => void) {
    this.#feed = feed;
    this.#store = store;
    this.#news = new Coalescer(feed.clock, NEWS_INTERVAL_MS, () => this.#tell(), onError);
  }

  /**
   * Sends each changed run that the query's text and times fit; its status may not fit any more, which is news too. Metadata of a run over
   * 16 KiB are left out.
   */
  watchList(query: RunListQuery, send: SendRuns): () => void {
    this.#lists.set(send, query);
    this.#listen();
    return () => {
      this.#lists.delete(send);
      this.#listen();
    };
  }

  /** Sends the run with its tasks now and after each change; undefined where there is no such run. */
  async watchRun(id: string, send: SendRun): Promise<(() => void) | undefined> {
    const ref = await this.#store.resolveRun(id);
    if (!ref) return undefined;
    const watchers = this.#runs.get(ref.key) ?? new Set();
    this.#runs.set(ref.key, watchers.add(send));
    this.#listen();
    this.#note(new Set([ref.key]));
    return () => {
      watchers.delete(send);
      if (watchers.size === 0 && this.#runs.get(ref.key) === watchers) this.#runs.delete(ref.key);
      this.#listen();
    };
  }

  /** Listening makes this node follow the commits of others, so it is done for watchers alone. */
  #listen(): void {
    const hasWatchers = this.#lists.size > 0 || this.#runs.size > 0;
    if (hasWatchers) this.#stopListening ??= this.#feed.onRunsChanged((keys) => this.#note(keys));
    else {
      this.#stopListening?.();
      this.#stopListening = undefined;
      this.#changed = new Set();
    }
  }

  #note(keys: ReadonlySet<number>): void {
    for (const key of keys) if (this.#lists.size > 0 || this.#runs.has(key)) this.#changed.add(key);
    if (this.#changed.size > 0) this.#news.ask();
  }

  async #tell(): Promise<void> {
    const keys = [...this.#changed];
    this.#changed = new Set();
    try {
      await this.#tellOf(keys);
    } catch (error) {
      // A run that has ended may never change again: its news must not be lost with one failed read.
      this.#note(new Set(keys));
      throw error;
    }
  }

  async #tellOf(keys: readonly number[]): Promise<void> {
    for (const key of keys) await this.#tellOne(key);
    for (let from = 0; from < keys.length; from += READ_RUNS_MAX) {
      if (this.#lists.size === 0) return;
      const part = keys.slice(from, from + READ_RUNS_MAX);
      for await (const runs of this.#store.readRunsByKey(part, LIST_METADATA_BYTES_MAX)) {
        for (const [send, query] of this.#lists) {
          const fitting = runs.filter((run) => fits(run, query));
          if (fitting.length > 0) send(fitting);
        }
      }
    }
  }

  async #tellOne(key: number): Promise<void> {
    const watchers = this.#runs.get(key);
    if (!watchers) return;
    for await (const [run] of this.#store.readRunsByKey([key])) {
      if (!run) return;
      const tasks = await this.#store.readTasksOfRun(run.id);
      for (const send of watchers) send(run, tasks);
    }
  }
}

function fits(run: Run, { jobs, q, fromUs, toUs }: RunListQuery): boolean {
  if (!seesJob(jobs, run.job_name)) return false;
  if (q !== undefined) {
    const text = q.toLowerCase();
    if (!run.job_name.toLowerCase().includes(text) && !run.id.toLowerCase().includes(text)) return false;
  }
  const startedUs = run.started_at === undefined ? undefined : parseTimestamp(run.started_at);
  if (fromUs !== undefined && (startedUs === undefined || startedUs < fromUs)) return false;
  return toUs === undefined || (startedUs !== undefined && startedUs < toUs);
}
