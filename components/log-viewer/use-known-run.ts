'use client';

import { keepPreviousData, type QueryClient, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { LogStreamingService } from '@/lib/client/log-streamer';
import { isFinal, type TaskRun } from '@/lib/protocol/run';
import { firstErrorLine } from './find/first-error-line';
import type { LogViewerProps } from './log-viewer-props';
import { fetchRunDetails } from './run-details';

type Given = Pick<LogViewerProps, 'status' | 'startedAt' | 'levelCounts' | 'openAt'> & {
  tasks: readonly TaskRun[] | undefined;
};

export type KnownRun = Given & {
  tasks: readonly TaskRun[];
  /** More lines may come. */
  isGoing: boolean;
  /** Told what the stream has brought, which may be news of the run too. */
  note: (seen: { isThere: boolean; hasLines: boolean; hasEnded: boolean }) => void;
};

/** A run that goes on is asked for again this often. */
const REFRESH_MS = 3000;
const NO_TASKS: readonly TaskRun[] = [];

/** What is known of a run: what its page says, or where that says no `status`, what the server knows. */
export function useKnownRun(
  jobRunId: string,
  baseUrl: string | undefined,
  client: QueryClient,
  given: Given,
): KnownRun {
  const { status, startedAt, levelCounts, openAt, tasks } = given;
  const [isThere, setThere] = useState(false);
  const [hasLines, setHasLines] = useState(false);
  const [hasEnded, setEnded] = useState(false);
  const note = useCallback<KnownRun['note']>((seen) => {
    if (seen.isThere) setThere(true);
    if (seen.hasLines) setHasLines(true);
    setEnded(seen.hasEnded);
  }, []);

  const service = useMemo(() => new LogStreamingService(baseUrl), [baseUrl]);
  const isAsked = status === undefined && isThere;
  const details = useQuery(
    {
      // Its first line and its end are news, which the next refresh would tell late.
      queryKey: ['run-of-viewer', baseUrl, jobRunId, hasLines, hasEnded],
      queryFn: ({ signal }) => fetchRunDetails(service, jobRunId, signal),
      enabled: isAsked,
      placeholderData: keepPreviousData,
      refetchInterval: ({ state: { data } }) => (data && isFinal(data.run.status) ? false : REFRESH_MS),
    },
    client,
  ).data;
  const opening = useQuery(
    {
      queryKey: ['opening-of-viewer', baseUrl, jobRunId],
      queryFn: async ({ signal }) => {
        const found = await fetchRunDetails(service, jobRunId, signal);
        const line = found.run.status === 'failed' ? await firstErrorLine(service, jobRunId, found) : undefined;
        return line ?? null;
      },
      enabled: isAsked,
      staleTime: Number.POSITIVE_INFINITY,
    },
    client,
  ).data;

  const known = status === undefined ? details : undefined;
  return {
    status: status ?? known?.run.status,
    startedAt: startedAt ?? known?.run.started_at,
    levelCounts: levelCounts ?? known?.run.level_counts,
    tasks: tasks ?? known?.tasks ?? NO_TASKS,
    openAt: openAt ?? (status === undefined ? (opening ?? undefined) : undefined),
    isGoing: !hasEnded && (status === undefined || !isFinal(status)),
    note,
  };
}
