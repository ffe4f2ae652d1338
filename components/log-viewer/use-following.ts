'use client';

import { type RefObject, useEffect } from 'react';
import type { LogSource } from './log-source';
import { type HoldReason, useHold } from './use-hold';
import type { Place } from './use-place';

export interface Following {
  /** Why the view stands still although its reader follows. */
  hold: HoldReason | undefined;
  /** The view moves with the newest line. */
  isFollowing: boolean;
  /** Ends what holds the view, and goes to the newest line. */
  goToNewest: () => void;
}

/** Whether the view moves with the newest line: its reader wants it, and is doing nothing that this would disturb. */
export function useFollowing(
  source: LogSource,
  place: Place,
  scroller: RefObject<HTMLElement | null>,
  isSelecting: boolean,
): Following {
  const hold = useHold(scroller, isSelecting);
  const isFollowing = place.isFollowing && hold === undefined;

  useEffect(() => {
    source.setFollowing(isFollowing);
    // What came while the view was held has gone past the lines at hand.
    if (isFollowing && !source.atNewest) source.showNewest();
  }, [source, isFollowing]);

  const goToNewest = () => {
    if (hold === 'selection') document.getSelection()?.removeAllRanges();
    scroller.current?.scrollTo({ left: 0 });
    place.goToNewest();
  };
  return { hold, isFollowing, goToNewest };
}
