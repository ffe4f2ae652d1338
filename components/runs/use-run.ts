'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { fetchRunDetails, type RunDetails } from '@/components/log-viewer/run-details';
import { LogStreamingService } from '@/lib/client/log-streamer';
import { type RunEvent, RunWatcher } from '@/lib/client/run-watcher';

/** A run as it is now: as the server rendered it, then as the server says that it changed. */
export function useRun(initial: RunDetails): RunDetails {
  const { id } = initial.run;
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ['job-run', id],
    queryFn: ({ signal }) => fetchRunDetails(new LogStreamingService(), id, signal),
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
