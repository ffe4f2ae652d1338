'use client';

import type { QueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { LogStreamingService } from '@/lib/client/log-streamer';
import type { Facets } from '@/lib/protocol/api';
import type { TaskRun } from '@/lib/protocol/run';
import { type TaskOption, taskOptions } from './filter/filter-options';
import { useFacets } from './filter/use-facets';
import { VOLUME_BINS } from './histogram/run-volume';
import { type RunOfViewer, useVolume } from './histogram/use-volume';

export interface RunCounts {
  run: RunOfViewer;
  client: QueryClient;
  facets: Facets | undefined;
  /** The times of the run's first and newest line, where they were asked for. */
  oldest: string | undefined;
  newest: string | undefined;
  tasks: readonly TaskOption[];
  attemptOf: (taskRunId: string) => number | undefined;
  /** Whether the panel that shows counts is open. */
  setMenuOpen: (isOpen: boolean) => void;
}

/** What is counted over the whole of a run, each only while it is needed. */
export function useRunCounts(
  jobRunId: string,
  baseUrl: string | undefined,
  client: QueryClient,
  { isGoing: isRunning, tasks: knownTasks }: { isGoing: boolean; tasks: readonly TaskRun[] },
  needsOldest: boolean,
): RunCounts {
  const service = useMemo(() => new LogStreamingService(baseUrl), [baseUrl]);
  const run = useMemo(() => ({ service, jobRunId, isRunning }), [service, jobRunId, isRunning]);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const facets = useFacets(run, isMenuOpen, client);
  const volume = useVolume(run, { buckets: VOLUME_BINS }, isMenuOpen || needsOldest, client);
  const tasks = useMemo(() => taskOptions(knownTasks, facets), [knownTasks, facets]);
  // Counts change all the time; attempts, by which lines are held against the filter, seldom.
  const attemptKey = tasks.map(({ id, attempt }) => `${attempt} ${id}`).join('\n');
  const attempts = useMemo(() => readAttempts(attemptKey), [attemptKey]);
  const attemptOf = useCallback((id: string) => attempts.get(id), [attempts]);
  const oldest = volume?.from;
  const newest = volume?.to;
  return useMemo(
    () => ({ run, client, facets, oldest, newest, tasks, attemptOf, setMenuOpen }),
    [run, client, facets, oldest, newest, tasks, attemptOf],
  );
}

function readAttempts(key: string): Map<string, number> {
  return new Map(key.split('\n').map((row) => [row.slice(row.indexOf(' ') + 1), Number.parseInt(row, 10)]));
}
