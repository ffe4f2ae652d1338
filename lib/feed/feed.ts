import { HEAD_POLL_MS } from '@/lib/config/limits';
import type { AppendResult, JournalHead, LogStore } from '@/lib/store/store';
import type { Bus, BusMessage, PartialLine } from './bus';
import { type Clock, systemClock } from './clock';
import { Encodings } from './encodings';
import { type AppliedEntry, GAP_POSITIONS_MAX, JournalFollower } from './journal-follower';
import { PartialLines } from './partial-lines';
import type { RunFeed, Wake } from './run-feed';
import { RunFeeds } from './run-feeds';
import { Tail } from './tail';

export type FeedStore = Pick<
  LogStore,
  'epoch' | 'readJournal' | 'journalHead' | 'readBatch' | 'sharedBatch' | 'readPage' | 'runHead' | 'runHeadByKey'
>;
export type Committed = Extract<AppendResult, { kind: 'committed' }>;
export type RunsChangedListener = (runKeys: ReadonlySet<number>) => void;

export interface FeedOptions {
  store: FeedStore;
  bus: Bus;
  /** STRATAL_TAIL_BYTES: the newest lines and what was encoded from them. */
  tailBytes: number;
  clock?: Clock | undefined;
  /** A gap in the journal's positions over which this node does not read what lies between. @defaultValue GAP_POSITIONS_MAX */
  gapMax?: number | undefined;
  /** Observability: a read of the store or a reader failed; the feed goes on by itself. */
  onError?: ((error: unknown) => void) | undefined;
}

/**
 * The tail of the log on this node: what was committed last, where each run with readers stands, and whom to wake. It holds no cursor and
 * writes to nobody: readers ask for what follows theirs, from memory where it is there, else from the store.
 */
export class Feed {
  readonly store: FeedStore;
  readonly clock: Clock;
  readonly tail: Tail;
  readonly encodings: Encodings;
  readonly partials: PartialLines;
  readonly runs: RunFeeds;
  readonly #bus: Bus;
  readonly #onError: (error: unknown) => void;
  readonly #follower: JournalFollower;
  readonly #globalReaders = new Set<Wake>();
  readonly #listeners = new Set<RunsChangedListener>();
  /** The newest commit of this node; ahead of `position` while the journal before it is read. */
  #published = 0;
  #cancelPoll: (() => void) | undefined;
  #isClosed = false;

  private constructor(options: FeedOptions, head: JournalHead) {
    this.store = options.store;
    this.clock = options.clock ?? systemClock;
    this.#bus = options.bus;
    this.#onError = options.onError ?? (() => {});
    this.tail = new Tail({
      position: head.position,
      bytesMax: options.tailBytes,
      onEvict: (batch) => this.encodings.forget(batch),
    });
    this.encodings = new Encodings((batch, bytes) => this.tail.grow(batch, bytes));
    this.partials = new PartialLines(this.clock, (partial, isLocal) => this.#showPartial(partial, isLocal));
    this.runs = new RunFeeds(this.store);
    this.#follower = new JournalFollower(this.store, head.position, {
      apply: (entries, position) => this.#apply(entries, position),
      jump: (position) => this.#jump(position),
      isFollowing: () => this.#isFollowing(),
      wantsLines: (runKey) => this.#wantsLines(runKey),
      onError: this.#onError,
      gapMax: options.gapMax ?? GAP_POSITIONS_MAX,
    });
  }

  /** A feed that stands at the journal's head. */
  static async open(options: FeedOptions): Promise<Feed> {
    const feed = new Feed(options, await options.store.journalHead());
    await feed.#bus.start({
      onMessage: (message) => feed.#hear(message),
      onGap: () => void feed.lookAtHead(),
    });
    feed.#schedulePoll();
    return feed;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelPoll?.();
    this.partials.clear();
    await this.#bus.close();
    await this.#follower.settled();
  }

  /** The newest position that readers of this node can see. */
  get position(): number {
    return this.#follower.position;
  }

  /** Takes a commit of this node. Call in commit order, soon after the commit; never throws. */
  publish({ commits, previousPosition, position }: Committed): void {
    if (commits.length === 0) return;
    this.#published = Math.max(this.#published, position);
    this.#follower.publish({ entries: commits, previousPosition, position });
    const changed = new Set(commits.map(({ entry }) => entry.key));
    this.#notify(changed);
    this.#bus.announce({ position, runs: [...changed], partials: [] });
  }

  /** Says that runs changed without a commit: metadata, tasks, retention, deletion. */
  runsChanged(runKeys: readonly number[]): void {
    this.#bus.announce({ position: 0, runs: runKeys, partials: [] });
    this.#noteChanged(runKeys);
  }

  /** Calls with the keys of runs that changed, on any node, until the returned function is called. */
  onRunsChanged(listener: RunsChangedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Relays a line that its program has not ended yet. The lines before it are to be published already. */
  publishPartial(partial: Omit<PartialLine, 'position'>): void {
    this.partials.offer({ ...partial, position: Math.max(this.position, this.#published) }, true);
  }

  /** Wakes on each commit of any run until the returned function is called. */
  openGlobal(wake: Wake): () => void {
    this.#globalReaders.add(wake);
    return () => this.#globalReaders.delete(wake);
  }

  /** Looks whether the journal has grown without our hearing of it. Never throws. */
  async lookAtHead(): Promise<void> {
    try {
      this.#follower.lookAt((await this.store.journalHead()).position);
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Settles when no catching up is under way. */
  settled(): Promise<void> {
    return this.#follower.settled();
  }

  #isFollowing(): boolean {
    return this.runs.size > 0 || this.#globalReaders.size > 0 || this.#listeners.size > 0;
  }

  #wantsLines(runKey: number): boolean {
    return this.#globalReaders.size > 0 || this.runs.has(runKey);
  }

  #schedulePoll(): void {
    if (this.#isClosed) return;
    this.#cancelPoll = this.clock.after(HEAD_POLL_MS, () => {
      const look = this.#isFollowing() ? this.lookAtHead() : Promise.resolve();
      void look.finally(() => this.#schedulePoll());
    });
  }

  /** All entries first, then the readers: one that is woken finds everything that its commit brought. */
  #apply(entries: readonly AppliedEntry[], position: number): void {
    const touched = new Set<RunFeed>();
    for (const { entry, batch } of entries) {
      // Lines that nobody reads would only be kept from the garbage collector: who comes later reads the store.
      this.tail.add(entry, this.#wantsLines(entry.key) ? batch : undefined);
      const run = this.runs.apply(entry, batch);
      if (run) touched.add(run);
      if (entry.end) this.partials.endRun(entry.key);
      else if (entry.lineCount > 0) this.partials.endBy(entry.key, batch, entry.position);
    }
    this.tail.advance(position);
    if (entries.length === 0) return;
    for (const run of touched) this.#wakeAll(run.readers);
    this.#wakeAll(this.#globalReaders);
    if (this.#listeners.size > 0) this.#notify(new Set(entries.map(({ entry }) => entry.key)));
  }

  #jump(position: number): void {
    this.tail.jump(position);
    this.partials.clear();
    this.#wakeAll(this.#globalReaders);
    this.runs.refreshAll(this.runs.keys()).catch(this.#onError);
  }

  /** A reader that fails must not keep the others from their lines. */
  #wakeAll(readers: ReadonlySet<Wake>): void {
    for (const wake of readers) {
      try {
        wake();
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  #notify(runKeys: ReadonlySet<number>): void {
    for (const listener of this.#listeners) listener(runKeys);
  }

  #noteChanged(runKeys: readonly number[]): void {
    this.#notify(new Set(runKeys));
    this.runs.refreshAll(runKeys).catch(this.#onError);
  }

  #hear(message: BusMessage): void {
    if (message.position > 0) this.#follower.lookAt(message.position);
    if (message.position > 0) this.#notify(new Set(message.runs));
    else if (message.runs.length > 0) this.#noteChanged(message.runs);
    for (const partial of message.partials) {
      const run = this.runs.get(partial.run.key);
      const isEnded = run !== undefined && run.linePosition(partial.task, partial.stream) > partial.position;
      if (!isEnded && (run || this.#globalReaders.size > 0)) this.partials.offer(partial, false);
    }
  }

  #showPartial(partial: PartialLine, isLocal: boolean): void {
    const run = this.runs.get(partial.run.key);
    if (run) this.#wakeAll(run.readers);
    this.#wakeAll(this.#globalReaders);
    if (isLocal) this.#bus.announce({ position: 0, runs: [], partials: [partial] });
  }
}
