'use client';

import { useQuery } from '@tanstack/react-query';
import { firstErrorQuery } from '@/components/log-viewer/find/first-error-query';
import type { RunDetails } from '@/components/log-viewer/run-details';
import { LogStreamingService } from '@/lib/client/log-streamer';
import type { FilterParameters } from '@/lib/protocol/filter';
import type { Run } from '@/lib/protocol/run';
import { contextLength, contextStart, type FirstError } from './first-error';

/**
 * The first error line of a run that has failed, also where it fails while it is watched. `initial` is what the server found by
 * `query` as it rendered `details`, which may lack tasks.
 */
export function useFirstError(
  details: RunDetails,
  initial: { details: RunDetails; query: FilterParameters | undefined; firstError: FirstError | undefined },
): FirstError | undefined {
  const { run, tasks } = details;
  const query = details === initial.details ? initial.query : firstErrorQuery(run, tasks);
  const key = JSON.stringify(query ?? null);
  const { data } = useQuery({
    queryKey: ['first-error', run.id, key],
    queryFn: ({ signal }) => (query ? fetchFirstError(run, query, signal) : null),
    enabled: query !== undefined,
    initialData: key === JSON.stringify(initial.query ?? null) ? (initial.firstError ?? null) : undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return query === undefined ? undefined : (data ?? undefined);
}

async function fetchFirstError(run: Run, query: FilterParameters, signal: AbortSignal): Promise<FirstError | null> {
  const service = new LogStreamingService();
  const { logs: found } = await service.fetchHistory(run.id, { ...query, limit: 1 }, { signal });
  const line = found[0]?.id;
  if (line === undefined) return null;
  const around = { after: contextStart(line, run.first_line), limit: contextLength(line, run.first_line) };
  const { logs } = await service.fetchHistory(run.id, around, { signal });
  return { line, lines: logs };
}
