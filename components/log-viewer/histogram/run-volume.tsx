'use client';

import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { Zone } from '@/components/format/instant';
import type { SightStore } from '@/components/log-viewer/sight-store';
import { useIsHydrated } from '@/components/ui/now';
import type { FilterParameters } from '@/lib/protocol/filter';
import { type RunOfViewer, useVolume } from './use-volume';
import { type TimeRange, VolumeHistogram } from './volume-histogram';

/** Bars of a histogram: few enough to be told apart on a phone, enough for a wide page. */
export const VOLUME_BINS = 160;

const nothing = () => undefined;

/** The histogram of one run, live, under the sets of a filter. */
export function RunVolume({
  run,
  sets,
  range,
  sight,
  zone,
  client,
  onJump,
  onRange,
}: {
  run: RunOfViewer;
  sets: FilterParameters;
  range: TimeRange;
  sight: SightStore;
  zone: Zone;
  client: QueryClient;
  onJump: (iso: string) => void;
  onRange: (range: TimeRange) => void;
}) {
  const view = useSyncExternalStore(sight.subscribe, sight.get, nothing);
  const isHydrated = useIsHydrated();
  const volume = useVolume(run, { ...sets, buckets: VOLUME_BINS }, isHydrated, client);
  return (
    <VolumeHistogram
      volume={volume}
      range={range}
      view={view}
      zone={zone}
      onJump={onJump}
      // Up to the newest line of a run that goes on means: and what follows.
      onRange={(from, to, isLast) => onRange(isLast && run.isRunning ? { from } : { from, to })}
      onClear={() => onRange({})}
    />
  );
}
