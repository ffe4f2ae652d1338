'use client';

import { useQueries } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { LogStreamingService } from '@/lib/client/log-streamer';

/** Names are asked for one by one; of a crowd of runs only the newest are. */
const NAMES_MAX = 100;

/** The job name of each run, or its id until the name is known. A run's name never changes, so each is asked for once. */
export function useRunNames(ids: readonly string[]): (id: string) => string {
  const wanted = ids.slice(-NAMES_MAX);
  const names = useQueries({
    queries: wanted.map((id) => ({
      queryKey: ['job-name', id],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const { job_name } = await new LogStreamingService().fetchRun(id, { signal });
        return { id, name: job_name };
      },
      staleTime: Number.POSITIVE_INFINITY,
      retry: 1,
    })),
    combine: joinNames,
  });
  const known = useMemo(() => new Map(names), [names]);
  return useCallback((id: string) => known.get(id) ?? id, [known]);
}

function joinNames(
  results: ReadonlyArray<{ data: { id: string; name: string } | undefined }>,
): Array<[string, string]> {
  return results.flatMap(({ data }) => (data ? [[data.id, data.name]] : []));
}
