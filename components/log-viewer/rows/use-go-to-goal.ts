import type { Virtualizer } from '@tanstack/react-virtual';
import { type RefObject, useLayoutEffect, useRef } from 'react';
import type { Goal } from '@/components/log-viewer/use-place';
import type { RowList } from './row';
import { rowToCentre } from './row-to-centre';

/** Frames in which rows that come into the page are laid out. */
const SETTLE_FRAMES = 4;

/**
 * Scrolls to the lines that are wanted. The middle of several is known when they have been laid out: until then it is looked for
 * again, unless the reader scrolls. `written`: the position that was last written, not scrolled to by the reader.
 */
export function useGoToGoal(
  virtualizer: Virtualizer<HTMLDivElement, HTMLDivElement>,
  rows: RowList,
  {
    scrollTo,
    onReached,
    scroller,
    written,
    isFollowing,
  }: {
    scrollTo?: Goal | undefined;
    onReached?: (() => void) | undefined;
    scroller: RefObject<HTMLDivElement | null>;
    written: RefObject<number | undefined>;
    isFollowing: boolean;
  },
): void {
  const newest = useRef(rows);
  const frame = useRef(0);
  // Who follows is led elsewhere.
  useLayoutEffect(() => {
    if (isFollowing) cancelAnimationFrame(frame.current);
    return () => cancelAnimationFrame(frame.current);
  }, [isFollowing]);

  // In the render that has these rows: after one with others, the virtualizer would go to what is in the row's place by then.
  useLayoutEffect(() => {
    newest.current = rows;
    if (!scrollTo) return;
    const go = (before: number): number => {
      const index = rowToCentre(newest.current, scrollTo, virtualizer);
      if (index !== -1 && index !== before) virtualizer.scrollToIndex(index, { align: scrollTo.align });
      return index;
    };
    const settle = (index: number, frames: number) => {
      frame.current = requestAnimationFrame(() => {
        const isOurs = Math.abs((scroller.current?.scrollTop ?? 0) - (written.current ?? Number.NaN)) < 1.5;
        if (isOurs && frames > 0) settle(go(index), frames - 1);
      });
    };
    cancelAnimationFrame(frame.current);
    const index = go(-1);
    if ((scrollTo.last ?? 0) > scrollTo.line) settle(index, SETTLE_FRAMES);
    onReached?.();
  }, [scrollTo, rows, onReached, virtualizer, scroller, written]);
}
