'use client';

import { useSyncExternalStore } from 'react';
import type { Sight, SightStore } from '@/components/log-viewer/sight-store';
import type { SourceSnapshot } from '@/components/log-viewer/source-snapshot';
import type { Track } from './line-track';
import { LogScrollbar } from './log-scrollbar';

/** The scroll bar of a viewer, moved by what its list has in sight. */
export function ViewerScrollbar({
  sight,
  snapshot,
  isFollowing,
  ...bar
}: {
  sight: SightStore;
  snapshot: SourceSnapshot;
  isFollowing: boolean;
} & Omit<Parameters<typeof LogScrollbar>[0], 'track'>) {
  const seen = useSyncExternalStore(sight.subscribe, sight.get, () => undefined);
  return <LogScrollbar {...bar} track={trackOf(snapshot, seen, isFollowing)} />;
}

/** With a filter, lines are left out: the first that is shown stands for the run's beginning, the last for its end. */
function trackOf(snapshot: SourceSnapshot, seen: Sight | undefined, isFollowing: boolean): Track {
  const { first, newest, window, hasOlder } = snapshot;
  const { lines } = window;
  let from = seen?.first ?? first;
  let to = seen?.last ?? from;
  if (isFollowing && window.atNewest) {
    from += newest - to;
    to = newest;
  } else {
    if (!hasOlder && from <= (lines[0]?.id ?? first)) from = first;
    if (window.atNewest && to >= (lines.at(-1)?.id ?? newest)) to = newest;
  }
  return { first, newest: Math.max(newest, first), view: { first: Math.max(first, from), last: Math.max(from, to) } };
}
