import { LRUCache } from 'lru-cache';
import type { TaskRef } from '@/lib/store/line-batch';
import type { LogStore, RunRef } from '@/lib/store/store';

const RUNS_CACHED_MAX = 10_000;
const TASKS_CACHED_MAX = 50_000;

/** The runs and tasks that lines name, made where they are unknown. What never changes is cached. */
export class LineTargets {
  readonly #store: Pick<LogStore, 'makeRuns' | 'resolveTask'>;
  readonly #runs = new LRUCache<string, RunRef>({ max: RUNS_CACHED_MAX });
  readonly #tasksById = new LRUCache<string, TaskRef>({ max: TASKS_CACHED_MAX });

  constructor(store: Pick<LogStore, 'makeRuns' | 'resolveTask'>) {
    this.#store = store;
  }

  async run(id: string): Promise<RunRef> {
    if (!this.#runs.has(id)) await this.makeRuns([id]);
    const run = this.#runs.get(id);
    if (!run) throw new Error(`job run ${id} could not be made`);
    return run;
  }

  /** Makes those that are unknown, in one go. */
  async makeRuns(ids: Iterable<string>): Promise<void> {
    const unknown = [...ids].filter((id) => !this.#runs.has(id)).slice(0, RUNS_CACHED_MAX);
    if (unknown.length === 0) return;
    for (const [id, run] of await this.#store.makeRuns(unknown)) this.#runs.set(id, run);
  }

  /** By id, or by name alone: then the newest attempt now, which is asked each time because a new one may have begun. */
  async task(run: RunRef, id: string | undefined, name: string | undefined): Promise<TaskRef> {
    const key = id === undefined ? undefined : `${run.key} ${id}`;
    const cached = key === undefined ? undefined : this.#tasksById.get(key);
    if (cached) return cached;
    const task = await this.#store.resolveTask(run, { id, name });
    if (key !== undefined) this.#tasksById.set(key, task);
    return task;
  }

  /** Forgets a run that was deleted. */
  forget(runId: string): void {
    const run = this.#runs.get(runId);
    this.#runs.delete(runId);
    if (!run) return;
    for (const key of this.#tasksById.keys()) if (key.startsWith(`${run.key} `)) this.#tasksById.delete(key);
  }
}
