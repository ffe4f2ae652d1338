import type { LineBatch } from '@/lib/store/line-batch';
import type { JournalEntry, LogStore, RunRef } from '@/lib/store/store';

/** Entries read from the journal at a time. */
const PAGE_ENTRIES = 500;
/** A node further behind than this jumps to the head; its readers read the store. */
export const GAP_POSITIONS_MAX = 5000;
/** Commits that wait for the journal between; over it, as when the store fails, the node jumps. */
const PENDING_COMMITS_MAX = 1000;
/** Runs whose lines are read from the store at the same time. */
const LOADS_MAX = 8;

export interface AppliedEntry {
  entry: JournalEntry;
  /** Exactly the entry's lines, where they are in memory. */
  batch: LineBatch | undefined;
}

export interface Commit {
  entries: readonly AppliedEntry[];
  /** The position before the commit's first entry. */
  previousPosition: number;
  position: number;
}

export interface FollowerEffects {
  /** Entries of one or several commits, in order; all of them are applied before any reader is woken. */
  apply(entries: readonly AppliedEntry[], position: number): void;
  /** The order has a hole up to this position: heads of runs are to be read anew. */
  jump(position: number): void;
  /** True where somebody on this node reads or watches, so that commits of other nodes matter. */
  isFollowing(): boolean;
  /** True where readers will want these lines. */
  wantsLines(runKey: number): boolean;
  onError(error: unknown): void;
  /** GAP_POSITIONS_MAX. */
  gapMax: number;
}

/**
 * Brings the commits of all nodes into one order. A commit of this node comes with the position before its own: where that is ahead, the
 * journal between is read first, one read at a time. A node that nobody reads from skips what is between.
 */
export class JournalFollower {
  readonly #store: Pick<LogStore, 'readJournal' | 'readBatch'>;
  readonly #effects: FollowerEffects;
  #position: number;
  #target = 0;
  #pending: Commit[] = [];
  #running: Promise<void> | undefined;

  constructor(store: Pick<LogStore, 'readJournal' | 'readBatch'>, position: number, effects: FollowerEffects) {
    this.#store = store;
    this.#position = position;
    this.#effects = effects;
  }

  /** The newest position applied. */
  get position(): number {
    return this.#position;
  }

  /** A commit of this node; the caller keeps commit order. Applied at once where nothing lies between. */
  publish(commit: Commit): void {
    if (!this.#running && this.#pending.length === 0 && commit.previousPosition <= this.#position) this.#apply(commit);
    else {
      this.#pending.push(commit);
      if (this.#pending.length > PENDING_COMMITS_MAX) this.#skipPending();
      this.#start();
    }
  }

  /** The journal is known to have grown to `position`, on whatever node. */
  lookAt(position: number): void {
    if (position > this.#target) this.#target = position;
    if (this.#pending.length > 0 || (this.#target > this.#position && this.#effects.isFollowing())) this.#start();
  }

  /** Settles when no read is under way. */
  async settled(): Promise<void> {
    await this.#running;
  }

  #start(): void {
    this.#running ??= this.#run().then(
      () => {
        this.#running = undefined;
        // A commit that came after the last look, and before this.
        if (this.#pending.length > 0) this.#start();
      },
      (error: unknown) => {
        this.#running = undefined;
        this.#effects.onError(error);
      },
    );
  }

  /** After an error it stops; the next commit, announcement or look at the head goes on. */
  async #run(): Promise<void> {
    for (;;) {
      const next = this.#pending[0];
      if (next && next.previousPosition <= this.#position) {
        this.#pending.shift();
        this.#apply(next);
        continue;
      }
      const target = next ? next.previousPosition : this.#target;
      if (target <= this.#position) return;
      if (!this.#effects.isFollowing() || target - this.#position > this.#effects.gapMax) this.#jump(target);
      else await this.#readUpTo(target);
    }
  }

  async #readUpTo(target: number): Promise<void> {
    const page = await this.#store.readJournal(this.#position, PAGE_ENTRIES);
    const entries = page.filter((entry) => entry.position <= target);
    const applied = await this.#load(entries);
    // The order has jumped on while this was read.
    if (target <= this.#position) return;
    const isWhole = page.length < PAGE_ENTRIES || entries.length < page.length;
    const position = isWhole ? target : (entries.at(-1)?.position ?? target);
    this.#position = position;
    this.#effects.apply(applied, position);
  }

  #apply(commit: Commit): void {
    const entries = commit.entries.filter(({ entry }) => entry.position > this.#position);
    if (commit.position > this.#position) this.#position = commit.position;
    this.#effects.apply(entries, this.#position);
  }

  #jump(position: number): void {
    this.#position = position;
    this.#effects.jump(position);
  }

  #skipPending(): void {
    const last = this.#pending.at(-1);
    this.#pending = [];
    if (last) this.#jump(last.position);
  }

  /** The lines of entries that readers will want, each run's read in one go. */
  async #load(entries: readonly JournalEntry[]): Promise<AppliedEntry[]> {
    const byRun = new Map<number, JournalEntry[]>();
    for (const entry of entries) {
      if (entry.lineCount === 0 || !this.#effects.wantsLines(entry.key)) continue;
      const ofRun = byRun.get(entry.key);
      if (ofRun) ofRun.push(entry);
      else byRun.set(entry.key, [entry]);
    }
    const batches = new Map<JournalEntry, LineBatch>();
    const queue = [...byRun.values()];
    const worker = async () => {
      for (let ofRun = queue.shift(); ofRun; ofRun = queue.shift()) await this.#loadRun(ofRun, batches);
    };
    await Promise.all(Array.from({ length: Math.min(LOADS_MAX, queue.length) }, worker));
    return entries.map((entry) => ({ entry, batch: batches.get(entry) }));
  }

  /** An entry whose lines lie in several reads stays without them; its readers read the store. */
  async #loadRun(entries: readonly JournalEntry[], batches: Map<JournalEntry, LineBatch>): Promise<void> {
    let read: LineBatch | undefined;
    for (const entry of entries) {
      const last = entry.firstLine + entry.lineCount - 1;
      if (!read || read.lastLine < entry.firstLine) read = await this.#readLines(entry, entry.firstLine);
      if (!read || read.firstLine > entry.firstLine || read.lastLine < last) continue;
      const from = entry.firstLine - read.firstLine;
      batches.set(entry, read.slice(from, from + entry.lineCount));
    }
  }

  async #readLines(run: RunRef, line: number): Promise<LineBatch | undefined> {
    return await this.#store.readBatch({ key: run.key, id: run.id }, line);
  }
}
