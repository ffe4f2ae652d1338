'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { LogStreamingService } from '@/lib/client/log-streamer';
import { type RunEvent, RunWatcher } from '@/lib/client/run-watcher';
import type { Run, TaskRun } from '@/lib/protocol/run';

/** A run with its tasks. */
export interface RunDetails {
  run: Run;
  tasks: readonly TaskRun[];
}

const TASKS_PAGE = 200;

async function fetchAllTasks(service: LogStreamingService, id: string, signal: AbortSignal): Promise<TaskRun[]> {
  const tasks: TaskRun[] = [];
  let after: string | undefined;
  do {
    const page = await service.fetchTasks(id, { limit: TASKS_PAGE, after, signal });
    tasks.push(...page.task_runs);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return tasks;
}

/** A run as it is now: as the server rendered it, then as the server says that it changed. */
export function useRun(initial: RunDetails): RunDetails {
  const { id } = initial.run;
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ['job-run', id],
    queryFn: async ({ signal }): Promise<RunDetails> => {
      const service = new LogStreamingService();
      const [run, tasks] = await Promise.all([service.fetchRun(id, { signal }), fetchAllTasks(service, id, signal)]);
      return { run, tasks };
    },
    initialData: initial,
  });

  useEffect(() => {
    const key = ['job-run', id];
    const watcher = new RunWatcher();
    const takeChange = ({ job_run, task_runs }: RunEvent) => {
      client.setQueryData<RunDetails>(key, { run: job_run, tasks: task_runs });
    };
    // What changed between the page's reading and the first news, or while the connection was lost, is nobody's news.
    watcher.watchRun(id, takeChange, () => void client.invalidateQueries({ queryKey: key }));
    return () => watcher.close();
  }, [id, client]);

  return data;
}
