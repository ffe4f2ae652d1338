'use client';

import { keepPreviousData, type QueryClient, useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import type { LogStreamingService } from '@/lib/client/log-streamer';
import type { VolumeQuery } from '@/lib/client/log-streaming-service';
import type { Volume } from '@/lib/protocol/api';

/** A run that goes on is counted again at most this often, and a tenth of the time at most is spent on it. */
const REFRESH_MS = 2000;
const REST_FACTOR = 9;
/** After an error, such as a run that is not there yet. */
const RETRY_MS = 15_000;

export interface RunOfViewer {
  service: LogStreamingService;
  jobRunId: string;
  /** More lines may come. */
  isRunning: boolean;
}

/**
 * How many lines of each level a run has over time, whole, renewed while it goes on and the page is seen. `query` holds the
 * sets of a filter and how many bins are wanted.
 */
export function useVolume(
  { service, jobRunId, isRunning }: RunOfViewer,
  query: VolumeQuery,
  enabled: boolean,
  client: QueryClient,
): Volume | undefined {
  const tookMs = useRef(0);
  const { data } = useQuery(
    {
      // The end is part of the key: what was counted last before it is not the whole.
      queryKey: ['volume', service.baseUrl, jobRunId, query, isRunning],
      queryFn: async ({ signal }) => {
        const begin = performance.now();
        const volume = await service.fetchVolume(jobRunId, query, { signal });
        tookMs.current = performance.now() - begin;
        return volume;
      },
      enabled,
      placeholderData: keepPreviousData,
      refetchInterval: ({ state }) => {
        if (state.status === 'error') return RETRY_MS;
        return isRunning && Math.max(REFRESH_MS, tookMs.current * REST_FACTOR);
      },
      staleTime: isRunning ? REFRESH_MS : Number.POSITIVE_INFINITY,
    },
    client,
  );
  return data;
}
