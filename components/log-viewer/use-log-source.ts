'use client';

import { useEffect, useState, useSyncExternalStore } from 'react';
import { LogSource, type LogSourceOptions, type SourceSnapshot } from './log-source';
import { serverFilter, serverFilterKey, type ViewerFilter } from './viewer-filter';

/**
 * The lines of a run under a filter, and the source to ask for others. When the filter changes, the source at hand stays
 * until another one has its first answer, so that what is held can be filtered meanwhile.
 */
export function useLogSource(
  options: Pick<LogSourceOptions, 'jobRunId' | 'baseUrl' | 'initial' | 'transport'>,
  filter: ViewerFilter,
): { source: LogSource; snapshot: SourceSnapshot } {
  const { jobRunId, baseUrl, transport } = options;
  const wantedKey = serverFilterKey(filter);
  const [current, setCurrent] = useState(() => ({
    key: wantedKey,
    source: new LogSource({ ...options, filter: serverFilter(filter) }),
  }));
  const { source } = current;
  const snapshot = useSyncExternalStore(source.store.subscribe, source.store.getSnapshot, source.store.getSnapshot);

  useEffect(() => {
    source.start();
    return () => source.stop();
  }, [source]);

  useEffect(() => {
    if (wantedKey === current.key) return;
    const next = new LogSource({ jobRunId, baseUrl, transport, filter: JSON.parse(wantedKey) });
    let isAdopted = false;
    const unsubscribe = next.store.subscribe(() => {
      if (isAdopted || !next.store.getSnapshot().isLoaded) return;
      isAdopted = true;
      setCurrent({ key: wantedKey, source: next });
    });
    next.start();
    return () => {
      unsubscribe();
      if (!isAdopted) next.stop();
    };
  }, [wantedKey, current.key, jobRunId, baseUrl, transport]);

  return { source, snapshot };
}
