'use client';

import type { Virtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

interface FollowOptions {
  scroller: RefObject<HTMLDivElement | null>;
  /** What is below the rows. */
  foot: RefObject<HTMLDivElement | null>;
  /** Lines in the list. */
  lines: readonly unknown[];
  isFollowing: boolean;
  /** Reaching the end begins to follow. */
  canFollow: boolean;
  onFollowingChange: (following: boolean) => void;
  /** The last position that was written, not scrolled to by the reader. */
  written: RefObject<number | undefined>;
}

/** Nearer to the end than this counts as at the end. */
const END_PX = 6;
/** A reader who scrolled up further than this no longer follows. */
const LEAVE_PX = 24;

/**
 * Holds a virtual list at its end while the reader follows. Scrolling up leaves the end, scrolling back to it follows
 * again, and any other scrolling is told as not following; what the content does by itself (growing, shrinking, wrapping anew) never counts as scrolling. The virtualizer
 * does all the writing of positions: two writers would fight.
 */
export function useFollow(
  virtualizer: Virtualizer<HTMLDivElement, HTMLDivElement>,
  { scroller, foot, lines, isFollowing, canFollow, onFollowingChange, written }: FollowOptions,
): void {
  const latest = useRef({ isFollowing, canFollow, onFollowingChange });
  /** The reader has scrolled away, and the page has not rendered so yet. */
  const hasLeft = useRef(false);
  const top = useRef(0);

  useLayoutEffect(() => {
    latest.current = { isFollowing, canFollow, onFollowingChange };
  }, [isFollowing, canFollow, onFollowingChange]);

  useLayoutEffect(() => {
    hasLeft.current = !isFollowing;
    // Going to the end takes some frames; it must not go on once the reader is elsewhere.
    if (!isFollowing) virtualizer.cancelScroll();
  }, [isFollowing, virtualizer]);

  useLayoutEffect(() => {
    if (!isFollowing || hasLeft.current || lines.length === 0) return;
    virtualizer.scrollToEnd();
    top.current = scroller.current?.scrollTop ?? 0;
  }, [isFollowing, lines, virtualizer, scroller]);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      if (latest.current.isFollowing && !hasLeft.current) virtualizer.scrollToEnd();
    });
    observer.observe(element);
    if (foot.current) observer.observe(foot.current);

    const onScroll = () => {
      const distance = element.scrollHeight - element.scrollTop - element.clientHeight;
      const wentUp = element.scrollTop < top.current - 1;
      const wentDown = element.scrollTop > top.current;
      const isOurs = written.current !== undefined && Math.abs(element.scrollTop - written.current) < 1.5;
      top.current = element.scrollTop;
      if (isOurs) return;
      written.current = undefined;
      const { isFollowing: follows, canFollow: mayFollow, onFollowingChange: change } = latest.current;
      if (follows && wentUp && distance > LEAVE_PX) {
        hasLeft.current = true;
        change(false);
      } else if (!follows && wentDown && mayFollow && distance <= END_PX) {
        change(true);
      } else if (!follows && (wentUp || wentDown)) {
        change(false);
      }
    };
    // Captured, so that it is decided before the virtualizer renders for the same event.
    element.addEventListener('scroll', onScroll, { passive: true, capture: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', onScroll, { capture: true });
    };
  }, [scroller, foot, virtualizer, written]);
}
