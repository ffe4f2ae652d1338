'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { LogStreamingService } from '@/lib/client/log-streamer';

/** Runs are asked for when the text stands still for this long: people type. */
const SETTLE_MS = 150;
const RUNS_MAX = 8;

/** Runs whose job name or id has the text, newest first; without a text the newest ones. */
export function usePaletteRuns(text: string) {
  const wanted = text.trim();
  const [settled, setSettled] = useState(wanted);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(wanted), wanted === '' ? 0 : SETTLE_MS);
    return () => clearTimeout(timer);
  }, [wanted]);

  const query = useQuery({
    queryKey: ['palette-runs', settled],
    queryFn: ({ signal }) =>
      new LogStreamingService().fetchRuns({ limit: RUNS_MAX, ...(settled !== '' && { q: settled }) }, { signal }),
    placeholderData: keepPreviousData,
    staleTime: 5_000,
    retry: 1,
  });
  return {
    runs: query.data?.job_runs ?? [],
    /** What is shown is not yet what was typed. */
    isSearching: settled !== wanted || query.isPending || query.isPlaceholderData,
    error: query.error,
    retry: () => void query.refetch(),
  };
}
