'use client';

import { useEffect, useState } from 'react';
import { LogStreamingService } from '@/lib/client/log-streamer';
import { RunWatcher } from '@/lib/client/run-watcher';
import type { Run } from '@/lib/protocol/run';
import { parseTimestamp } from '@/lib/protocol/timestamp';
import type { Neighbours } from './neighbour-links';

/** The API's most for a page. */
const PAGE_RUNS = 200;
/** The list is the newest first: where so many pages do not reach back to the run, no next one is told. */
const PAGES_MAX = 10;

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
        const neighbours = withNews(known, ofJob, startedAt);
        return neighbours === known ? before : { of: found, neighbours };
      });
    };
    // What began between the page's reading and the first news, or while the connection was lost, is nobody's news.
    const catchUp = () => {
      fetchRunsSince(jobName, startedAt, left.signal).then(
        (runs) => runs && take(runs),
        () => {}, // The next reconnection asks again.
      );
    };
    watcher.watchRuns({ q: jobName }, take, startedAt === undefined || found.next ? undefined : catchUp);
    return () => {
      left.abort();
      watcher.close();
    };
  }, [id, jobName, startedAt, found]);

  return news?.of === found ? news.neighbours : found;
}

/** All runs since a time whose job's name or id holds the text; undefined where they are too many. */
async function fetchRunsSince(q: string, from: string | undefined, signal: AbortSignal): Promise<Run[] | undefined> {
  const service = new LogStreamingService();
  const runs: Run[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const list = await service.fetchRuns(
      { q, from, limit: PAGE_RUNS, ...(after !== undefined && { after }) },
      { signal },
    );
    runs.push(...list.job_runs);
    if (list.next === null) return runs;
    after = list.next;
  }
  return undefined;
}

/** The same object where there is no news. */
function withNews(known: Neighbours, runs: readonly Run[], startedAt: string | undefined): Neighbours {
  const changed = (one: Neighbours['next']) =>
    runs.find((run) => run.id === one?.id && run.status !== one.status) ?? one;
  const previous = changed(known.previous);
  const next = known.next ? changed(known.next) : firstAfter(runs, startedAt);
  return previous === known.previous && next === known.next ? known : { previous, next };
}

function firstAfter(runs: readonly Run[], startedAt: string | undefined): Run | undefined {
  const startedUs = timeOf(startedAt);
  let first: Run | undefined;
  for (const run of runs) {
    if (!(timeOf(run.started_at) > startedUs)) continue;
    if (!first || timeOf(run.started_at) < timeOf(first.started_at)) first = run;
  }
  return first;
}

/** Microseconds; not a number where there is no time. */
function timeOf(text: string | undefined): number {
  return (text === undefined ? undefined : parseTimestamp(text)) ?? Number.NaN;
}
