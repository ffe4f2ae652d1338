'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import type { LineRange } from '@/lib/protocol/line-range';
import type { LogSource } from './log-source';
import type { SourceSnapshot } from './source-snapshot';

/** A line that the reader wants to see. */
export interface Goal {
  line: number;
  /** The last of the lines that are wanted, where it is not that one. */
  last?: number | undefined;
  /** `auto` scrolls no further than needed. */
  align: 'center' | 'auto' | 'start';
}

export interface Place {
  /** The reader wants to be at the newest line. */
  isFollowing: boolean;
  setFollowing: (following: boolean) => void;
  /** A line that is held now and should be scrolled to; tell `onReached` when it was. */
  scrollTo: Goal | undefined;
  onReached: () => void;
  /** The reader is on the way to a line. */
  isGoing: boolean;
  /** A line that was asked for and that the run does not have. */
  missing: Goal | undefined;
  /** Told which line is in the middle of what is in sight. */
  noteInSight: (line: number) => void;
  /** To a line, or to all of `line` to `last`. */
  goTo: (line: number, align?: Goal['align'], last?: number) => void;
  /** To a line, and to the same one again when another filter's lines take over. */
  goToAcross: (line: number) => void;
  goToNewest: () => void;
}

/**
 * Where in the run the reader is: at the newest line, or at a place of its own. `target` is what the page's address
 * names, `openAt` what is shown first without it, unless the reader has gone elsewhere when it becomes known; a line that is not
 * held is loaded first.
 */
export function usePlace(
  source: LogSource,
  { isLoaded, window }: SourceSnapshot,
  {
    target,
    openAt,
    autoScroll,
    hasAddress,
  }: {
    target: LineRange | undefined;
    openAt: number | undefined;
    autoScroll: boolean;
    /** The page's address may name a place. */
    hasAddress: boolean;
  },
): Place {
  const [isFollowing, setFollows] = useState(autoScroll && target === undefined && openAt === undefined);
  const [goal, setGoal] = useState<Goal>();
  const [missing, setMissing] = useState<Goal>();

  /** The reader has gone somewhere, or the first place is found. */
  const isOpened = useRef(false);
  const setFollowing = useCallback((following: boolean) => {
    if (!following) isOpened.current = true;
    setFollows(following);
  }, []);

  /** Where the reader wants to be once another filter's lines have taken over, unless they go elsewhere before. */
  const wantedAcross = useRef<number>(undefined);
  const goTo = useCallback((line: number, align: Goal['align'] = 'center', last?: number) => {
    isOpened.current = true;
    wantedAcross.current = undefined;
    setFollows(false);
    setMissing(undefined);
    setGoal({ line, align, last });
  }, []);

  const goToNewest = useCallback(() => {
    setGoal(undefined);
    setMissing(undefined);
    isOpened.current = true;
    source.showNewest();
    setFollows(true);
  }, [source]);

  const onReached = useCallback(() => setGoal(undefined), []);

  // Kept per source: when another one takes over, the list has noted its lines before this hook hears of it.
  const inSight = useRef(new WeakMap<LogSource, number>());
  const noteInSight = useCallback(
    (line: number) => {
      inSight.current.set(source, line);
    },
    [source],
  );

  const goToAcross = useCallback(
    (line: number) => {
      goTo(line);
      wantedAcross.current = line;
    },
    [goTo],
  );

  // Another filter's lines: the reader who is not at the end stays at the same place of the run.
  const shown = useRef(source);
  useEffect(() => {
    if (shown.current === source) return;
    const line = wantedAcross.current ?? inSight.current.get(shown.current);
    shown.current = source;
    wantedAcross.current = undefined;
    if (!isFollowing && line !== undefined) goTo(line);
  }, [source, isFollowing, goTo]);

  useEffect(() => {
    if (target) goTo(target.first, 'center', target.last);
  }, [target, goTo]);

  useEffect(() => {
    if (openAt === undefined || isOpened.current || target !== undefined) return;
    isOpened.current = true;
    // The address may name a place that only the browser sees.
    if (!hasAddress || location.hash === '') goTo(openAt);
  }, [openAt, target, hasAddress, goTo]);

  useEffect(() => {
    if (!goal || !isLoaded) return;
    let isCurrent = true;
    void source.show(goal.line).then((outcome) => {
      if (!isCurrent || outcome === 'held') return;
      const nearest = outcome === 'behind' ? source.store.getSnapshot().window.lines.at(-1) : undefined;
      setGoal(nearest && { line: nearest.id, align: goal.align });
      if (outcome === 'absent') setMissing(goal);
    });
    return () => {
      isCurrent = false;
    };
  }, [goal, isLoaded, source]);

  const isHeld = goal !== undefined && goal.line > window.after && goal.line <= window.through;
  return {
    isFollowing,
    setFollowing,
    scrollTo: isHeld ? goal : undefined,
    onReached,
    isGoing: goal !== undefined,
    missing,
    noteInSight,
    goTo,
    goToAcross,
    goToNewest,
  };
}
