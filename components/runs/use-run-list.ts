'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { LogStreamingService } from '@/lib/client/log-streamer';
import { RunWatcher } from '@/lib/client/run-watcher';
import type { RunList } from '@/lib/protocol/api';
import type { Run } from '@/lib/protocol/run';
import { RUNS_PER_PAGE, type RunListView } from './run-list-view';

function toQuery({ q, status, after }: RunListView) {
  return {
    limit: RUNS_PER_PAGE,
    ...(q !== '' && { q }),
    ...(status !== '' && { status }),
    ...(after !== '' && { after }),
  };
}

/**
 * A page of runs, kept up to date by the server. Runs in sight change at their place; runs that are new wait in
 * `arrived` until `showArrived`, so that nothing moves under the pointer.
 */
export function useRunList(view: RunListView, initial: { view: RunListView; list: RunList }) {
  const { q, status, after } = view;
  const client = useQueryClient();
  const [arrived, setArrived] = useState<ReadonlySet<string>>(new Set());
  const isInitial = q === initial.view.q && status === initial.view.status && after === initial.view.after;

  const query = useQuery({
    queryKey: ['job-runs', { q, status, after }],
    queryFn: ({ signal }) => new LogStreamingService().fetchRuns(toQuery({ q, status, after }), { signal }),
    initialData: isInitial ? initial.list : undefined,
    placeholderData: (previous) => previous,
  });

  useEffect(() => {
    const key = ['job-runs', { q, status, after }];
    setArrived(new Set());
    const watcher = new RunWatcher();
    const takeChanges = (runs: Run[]) => {
      const shown = client.getQueryData<RunList>(key);
      if (!shown) return;
      const changed = new Map(runs.map((run) => [run.id, run]));
      const known = new Set(shown.job_runs.map((run) => run.id));
      client.setQueryData<RunList>(key, {
        ...shown,
        job_runs: shown.job_runs.map((run) => changed.get(run.id) ?? run),
      });
      const fresh = runs.filter((run) => !known.has(run.id) && isNewerThan(run, shown.job_runs[0]));
      if (after !== '' || fresh.length === 0) return;
      setArrived((before) => new Set([...before, ...fresh.map((run) => run.id)]));
    };
    // What changed between the page's reading and the first news, or while the connection was lost, is nobody's news.
    watcher.watchRuns(toQuery({ q, status, after }), takeChanges, () => {
      void client.invalidateQueries({ queryKey: key });
    });
    return () => watcher.close();
  }, [q, status, after, client]);

  const { refetch } = query;
  const showArrived = useCallback(async () => {
    await refetch();
    setArrived(new Set());
  }, [refetch]);

  const shown = new Set(query.data?.job_runs.map((run) => run.id));
  return { ...query, arrived: [...arrived].filter((id) => !shown.has(id)).length, showArrived };
}

/** Runs are listed by their start, newest first. */
function isNewerThan(run: Run, other: Run | undefined): boolean {
  return other === undefined || (run.started_at ?? '') >= (other.started_at ?? '');
}
