'use client';

import { keepPreviousData, type QueryClient, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { LogStreamingService } from '@/lib/client/log-streamer';
import type { StreamState } from '@/lib/client/stream-state';
import { isFinal, type TaskRun } from '@/lib/protocol/run';
import { firstErrorOfFailed } from './find/first-error-line';
import type { LogViewerProps } from './log-viewer-props';
import { fetchTasks } from './run-details';

type Given = Pick<LogViewerProps, 'status' | 'startedAt' | 'levelCounts' | 'openAt'> & {
  tasks: readonly TaskRun[] | undefined;
};

export type KnownRun = Given & {
  tasks: readonly TaskRun[];
  /** More lines may come. */
  isGoing: boolean;
  /** Told what the stream has brought, which may be news of the run too. */
  note: (seen: { isThere: boolean; hasLines: boolean; stream: StreamState['kind'] }) => void;
};

/** A run that goes on is asked for again this often, and one that could not be asked for. */
const REFRESH_MS = 3000;
const RETRY_MS = 15_000;
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
    // A stream that connects anew, as with every other filter, tells nothing of the run yet.
    if (seen.stream === 'ended') setEnded(true);
    else if (seen.stream === 'live') setEnded(false);
  }, []);

  const service = useMemo(() => new LogStreamingService(baseUrl), [baseUrl]);
  const isAsked = status === undefined && isThere;
  const { data: run } = useQuery(
    {
      // Its first line and its end are news, which the next refresh would tell late.
      queryKey: ['run-of-viewer', baseUrl, jobRunId, hasLines, hasEnded],
      queryFn: ({ signal }) => service.fetchRun(jobRunId, { signal }),
      enabled: isAsked,
      placeholderData: keepPreviousData,
      refetchInterval: ({ state }) => {
        if (hasEnded || (state.data && isFinal(state.data.status))) return false;
        return state.status === 'error' ? RETRY_MS : REFRESH_MS;
      },
      staleTime: REFRESH_MS,
    },
    client,
  );
  const { data: knownTasks } = useQuery(
    {
      queryKey: ['tasks-of-viewer', baseUrl, jobRunId, hasLines, hasEnded],
      queryFn: ({ signal }) => fetchTasks(service, jobRunId, signal),
      enabled: isAsked && tasks === undefined,
      placeholderData: keepPreviousData,
      staleTime: REFRESH_MS,
    },
    client,
  );
  // Where it opens is decided once, by the run as it is then: an answer that comes late would take the reader away.
  const { data: firstError } = useQuery(
    {
      queryKey: ['first-error-of-viewer', baseUrl, jobRunId],
      queryFn: async ({ signal }) => (await firstErrorOfFailed(service, jobRunId, signal)) ?? null,
      enabled: isAsked,
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 0,
      retry: false,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
    },
    client,
  );

  const asked = status === undefined ? run : undefined;
  return {
    status: status ?? asked?.status,
    startedAt: startedAt ?? asked?.started_at,
    levelCounts: levelCounts ?? asked?.level_counts,
    tasks: tasks ?? knownTasks ?? NO_TASKS,
    openAt: openAt ?? (status === undefined ? (firstError ?? undefined) : undefined),
    isGoing: !hasEnded && (status === undefined || !isFinal(status)),
    note,
  };
}
