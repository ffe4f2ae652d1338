'use client';

import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { FilterParameters } from '@/lib/protocol/filter';
import { aroundParameters } from './around';
import { keyOfAsked } from './find/asked-lines';
import { LogSource } from './log-source';
import type { LogSourceOptions } from './log-source-options';
import type { SourceSnapshot } from './source-snapshot';

/** A filter is asked for when it stands still for this long: people type. */
const SETTLE_MS = 200;

export interface HeldLines {
  source: LogSource;
  snapshot: SourceSnapshot;
  /** Another filter's lines are on the way; those at hand are of the filter before. */
  isSwitching: boolean;
}

/**
 * The lines of a run under a filter, and the source to ask for others. When the filter changes, the source at hand stays
 * until another one has its first answer, so that what is held can be filtered meanwhile.
 */
export function useLogSource(
  options: Pick<LogSourceOptions, 'jobRunId' | 'baseUrl' | 'initial' | 'transport' | 'windowLines'>,
  filter: FilterParameters,
  around?: LogSourceOptions['around'],
  isPending = false,
): HeldLines {
  const { jobRunId, baseUrl, transport, windowLines } = options;
  const wantedKey = keyOfAsked({ ...filter, ...aroundParameters(around) });
  const [current, setCurrent] = useState(() => {
    // What was rendered may be of another filter than the address has by now: browsers keep pages.
    const isOfThis = (options.initial?.asked ?? keyOfAsked({})) === wantedKey;
    const initial = isOfThis ? options.initial : undefined;
    return { key: wantedKey, source: new LogSource({ ...options, initial, filter, around }) };
  });
  const latest = useRef({ filter, around });
  useEffect(() => {
    latest.current = { filter, around };
  });
  const { source } = current;
  const snapshot = useSyncExternalStore(source.store.subscribe, source.store.getSnapshot, source.store.getSnapshot);

  // One that has begun goes on while another filter's text is compiled.
  const started = useRef<LogSource>(undefined);
  const mayStart = !isPending || started.current === source;
  useEffect(() => {
    if (!mayStart) return;
    started.current = source;
    source.start();
    return () => source.stop();
  }, [source, mayStart]);

  useEffect(() => {
    if (wantedKey === current.key || isPending) return;
    const next = new LogSource({ jobRunId, baseUrl, transport, windowLines, ...latest.current });
    let isAdopted = false;
    const unsubscribe = next.store.subscribe(() => {
      const { isLoaded, pageError } = next.store.getSnapshot();
      if (isAdopted || (!isLoaded && pageError === undefined)) return;
      isAdopted = true;
      setCurrent({ key: wantedKey, source: next });
    });
    const timer = setTimeout(() => next.start(), SETTLE_MS);
    return () => {
      clearTimeout(timer);
      unsubscribe();
      if (!isAdopted) next.stop();
    };
  }, [wantedKey, current.key, isPending, jobRunId, baseUrl, transport, windowLines]);

  return { source, snapshot, isSwitching: wantedKey !== current.key };
}
