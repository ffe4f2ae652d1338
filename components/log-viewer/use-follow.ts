'use client';

import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

interface FollowOptions {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  isFollowing: boolean;
  canFollow: boolean;
  onFollowingChange: (following: boolean) => void;
}

/** Nearer to the end than this counts as at the end. */
const END_PX = 6;
/** A reader who scrolled up further than this no longer follows. */
const LEAVE_PX = 24;

/**
 * Holds a scrolling list at its end while the reader follows. Scrolling up leaves the end, scrolling back to it follows
 * again; what the content does by itself (growing, shrinking, wrapping anew) never counts as scrolling.
 */
export function useFollow({ scroller, content, isFollowing, canFollow, onFollowingChange }: FollowOptions): void {
  const latest = useRef({ isFollowing, canFollow, onFollowingChange });
  const top = useRef(0);
  latest.current = { isFollowing, canFollow, onFollowingChange };

  const pin = useRef(() => {
    const element = scroller.current;
    if (!element || !latest.current.isFollowing) return;
    element.scrollTop = element.scrollHeight;
    top.current = element.scrollTop;
  });

  useLayoutEffect(() => pin.current());

  useEffect(() => {
    const element = scroller.current;
    if (!element || !content.current) return;
    const observer = new ResizeObserver(() => pin.current());
    observer.observe(element);
    observer.observe(content.current);

    const onScroll = () => {
      const distance = element.scrollHeight - element.scrollTop - element.clientHeight;
      const wentUp = element.scrollTop < top.current - 1;
      const wentDown = element.scrollTop > top.current;
      top.current = element.scrollTop;
      const { isFollowing: follows, canFollow: mayFollow, onFollowingChange: change } = latest.current;
      if (follows && wentUp && distance > LEAVE_PX) change(false);
      else if (!follows && wentDown && mayFollow && distance <= END_PX) change(true);
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', onScroll);
    };
  }, [scroller, content]);
}
