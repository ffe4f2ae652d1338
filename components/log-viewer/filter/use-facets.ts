'use client';

import { keepPreviousData, type QueryClient, useQuery } from '@tanstack/react-query';
import type { RunOfViewer } from '@/components/log-viewer/histogram/use-volume';
import type { Facets } from '@/lib/protocol/api';

/** A run that goes on is counted again this often, while the counts are shown. */
const REFRESH_MS = 3000;

/** How many lines a run has per level, stream and task, true for the whole run, renewed while it goes on. */
export function useFacets(
  { service, jobRunId, isRunning }: RunOfViewer,
  enabled: boolean,
  client: QueryClient,
): Facets | undefined {
  const { data } = useQuery(
    {
      queryKey: ['facets', service.baseUrl, jobRunId, isRunning],
      queryFn: ({ signal }) => service.fetchFacets(jobRunId, { signal }),
      enabled,
      placeholderData: keepPreviousData,
      refetchInterval: isRunning ? REFRESH_MS : false,
      staleTime: isRunning ? REFRESH_MS : Number.POSITIVE_INFINITY,
    },
    client,
  );
  return data;
}
