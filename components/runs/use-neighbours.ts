'use client';

import { useEffect, useState } from 'react';
import { LogStreamingService } from '@/lib/client/log-streamer';
import { RunWatcher } from '@/lib/client/run-watcher';
import type { Run } from '@/lib/protocol/run';
import type { Neighbours } from './neighbour-links';

/** The API's most. */
const RUNS_MAX = 200;

/**
 * The runs of the same job before and after one, as they were found with it and as the server says that they change. Where it was the
 * newest, the first run of the job that begins after it is the next one.
 */
export function useNeighbours(run: Run, found: Neighbours): Neighbours {
  const { id, job_name: jobName, started_at: startedAt } = run;
  const [news, setNews] = useState<{ of: Neighbours; neighbours: Neighbours }>();

  useEffect(() => {
    const watcher = new RunWatcher();
    const left = new AbortController();
    const take = (runs: readonly Run[]) => {
      const ofJob = runs.filter((other) => other.job_name === jobName && other.id !== id);
      setNews((before) => {
        const known = before?.of === found ? before.neighbours : found;
        return { of: found, neighbours: withNews(known, ofJob, startedAt) };
      });
    };
    // What began between the page's reading and the first news, or while the connection was lost, is nobody's news.
    const catchUp = () => {
      new LogStreamingService()
        .fetchRuns({ q: jobName, from: startedAt, limit: RUNS_MAX }, { signal: left.signal })
        .then(({ job_runs: runs }) => take(runs))
        .catch(() => {}); // The next reconnection asks again.
    };
    watcher.watchRuns({ q: jobName }, take, startedAt === undefined || found.next ? undefined : catchUp);
    return () => {
      left.abort();
      watcher.close();
    };
  }, [id, jobName, startedAt, found]);

  return news?.of === found ? news.neighbours : found;
}

function withNews({ previous, next }: Neighbours, runs: readonly Run[], startedAt: string | undefined): Neighbours {
  const changed = (known: Neighbours['next']) => runs.find((run) => run.id === known?.id) ?? known;
  return { previous: changed(previous), next: changed(next) ?? firstAfter(runs, startedAt) };
}

function firstAfter(runs: readonly Run[], startedAt: string | undefined): Run | undefined {
  let first: Run | undefined;
  for (const run of runs) {
    if (run.started_at === undefined || startedAt === undefined || run.started_at <= startedAt) continue;
    if (first?.started_at === undefined || run.started_at < first.started_at) first = run;
  }
  return first;
}
