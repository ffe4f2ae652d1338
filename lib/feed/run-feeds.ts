import type { LineBatch } from '@/lib/store/line-batch';
import type { JournalEntry, LogStore, RunHead } from '@/lib/store/store';
import { RunFeed, type Wake } from './run-feed';

type HeadStore = Pick<LogStore, 'runHead' | 'runHeadByKey' | 'journalHead'>;

/** The runs that have readers on this node. */
export class RunFeeds {
  readonly #store: HeadStore;
  readonly #byKey = new Map<number, RunFeed>();
  readonly #opening = new Map<string, Promise<RunHead | undefined>>();

  constructor(store: HeadStore) {
    this.#store = store;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(runKey: number): RunFeed | undefined {
    return this.#byKey.get(runKey);
  }

  has(runKey: number): boolean {
    return this.#byKey.has(runKey);
  }

  /** The run, with `wake` among its readers; undefined where there is no such run. A crowd that comes at once costs one read. */
  async open(id: string, wake: Wake): Promise<RunFeed | undefined> {
    const head = await this.#readHead(id);
    if (!head) return undefined;
    const known = this.#byKey.get(head.key);
    if (known) {
      known.readers.add(wake);
      known.replaceHead(head);
      return known;
    }
    const { position } = await this.#store.journalHead();
    const run = this.#byKey.get(head.key) ?? new RunFeed(head, position);
    run.readers.add(wake);
    this.#byKey.set(head.key, run);
    // What was committed between that read and this moment was applied to nothing: read again now that it would be.
    await this.refresh(run);
    return run;
  }

  close(run: RunFeed, wake: Wake): void {
    run.readers.delete(wake);
    if (run.readers.size === 0 && this.#byKey.get(run.run.key) === run) this.#byKey.delete(run.run.key);
  }

  /** Reads from the store where the run stands; undefined where it is gone. */
  async refresh(run: RunFeed): Promise<RunHead | undefined> {
    const head = await this.#store.runHeadByKey(run.run.key);
    run.replaceHead(head);
    return head;
  }

  async refreshAll(runKeys: Iterable<number>): Promise<void> {
    for (const key of runKeys) {
      const run = this.#byKey.get(key);
      if (!run) continue;
      await this.refresh(run);
      run.wakeAll();
    }
  }

  keys(): number[] {
    return [...this.#byKey.keys()];
  }

  apply(entry: JournalEntry, batch: LineBatch | undefined): RunFeed | undefined {
    const run = this.#byKey.get(entry.key);
    run?.apply(entry, batch);
    return run;
  }

  #readHead(id: string): Promise<RunHead | undefined> {
    let reading = this.#opening.get(id);
    if (!reading) {
      reading = this.#store.runHead(id).finally(() => this.#opening.delete(id));
      this.#opening.set(id, reading);
    }
    return reading;
  }
}
