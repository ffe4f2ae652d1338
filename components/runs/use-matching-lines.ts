'use client';

import { useQuery } from '@tanstack/react-query';
import { LogStreamingService } from '@/lib/client/log-streamer';
import type { FilterParameters } from '@/lib/protocol/filter';

/** How many of a run's lines pass a filter; null where only reading them would tell, undefined until it is known. */
export function useMatchingLines(
  jobRunId: string,
  filter: FilterParameters,
  isAsked: boolean,
): number | null | undefined {
  const { data } = useQuery({
    queryKey: ['matching-lines', jobRunId, filter],
    queryFn: async ({ signal }) => {
      const { pagination } = await new LogStreamingService().fetchHistory(
        jobRunId,
        { ...filter, limit: 1 },
        { signal },
      );
      return pagination.total;
    },
    enabled: isAsked,
    // A run that goes on has more lines each time the menu opens.
    staleTime: 0,
    retry: 0,
  });
  return data;
}
