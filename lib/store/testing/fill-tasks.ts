import { TASKS_OF_RUN_MAX } from '@/lib/protocol/limits';
import type { RunRef } from '@/lib/store/store';
import type { TestStore } from './test-store';

/** Gives a run all task runs that it may have but one: `full-2`, of the name `item 2`, and so on. */
export async function fillTasks({ database }: TestStore['store'], run: RunRef): Promise<void> {
  await database.sql`
    insert into task_runs (id, run_key, task_name, attempt, status, created_at)
    select 'full-' || n, ${run.key}, 'item ' || n, 1, 'running', stratal_now() from generate_series(2, ${TASKS_OF_RUN_MAX}) as n
  `;
}
