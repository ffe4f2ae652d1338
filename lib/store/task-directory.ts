import { LRUCache } from 'lru-cache';
import type { Sql } from './database';
import type { TaskRef } from './line-batch';

const TASKS_CACHED_MAX = 50_000;

/** Task refs by key. They never change, so they are cached for good. */
export class TaskDirectory {
  readonly #sql: Sql;
  readonly #cache = new LRUCache<number, TaskRef>({ max: TASKS_CACHED_MAX });

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  remember(task: TaskRef): void {
    this.#cache.set(task.key, task);
  }

  /** The tasks of these keys; 0 and keys of deleted tasks are left out. */
  async lookUp(keys: Iterable<number>): Promise<Map<number, TaskRef>> {
    const found = new Map<number, TaskRef>();
    const missing: number[] = [];
    for (const key of new Set(keys)) {
      if (key === 0) continue;
      const task = this.#cache.get(key);
      if (task) found.set(key, task);
      else missing.push(key);
    }
    if (missing.length > 0) {
      const rows = await this.#sql<TaskRef[]>`
        select key, id, task_name as name, attempt from task_runs where key = any(${missing}::bigint[])
      `;
      for (const { key, id, name, attempt } of rows) {
        const task = { key, id, name, attempt };
        this.#cache.set(key, task);
        found.set(key, task);
      }
    }
    return found;
  }
}
