'use client';

import { type RefObject, useEffect, useState } from 'react';

/** Scrolled further than this in one direction, the reader means it. */
const MEANT_PX = 24;

/** True while a reader with a finger scrolls down: on a small screen the toolbar gives its room to the lines. */
export function useToolbarCollapse(scroller: RefObject<HTMLElement | null>): boolean {
  const [isCollapsed, setCollapsed] = useState(false);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let from = 0;
    let y = 0;
    const onStart = ({ touches }: TouchEvent) => {
      y = touches[0]?.clientY ?? 0;
      from = y;
    };
    // The finger, not the scroll position: that one also moves by itself, as lines arrive or the toolbar goes.
    const onMove = ({ touches }: TouchEvent) => {
      const at = touches[0]?.clientY ?? y;
      if (Math.sign(at - y) !== Math.sign(y - from)) from = y;
      y = at;
      if (from - y > MEANT_PX) setCollapsed(true);
      else if (y - from > MEANT_PX) setCollapsed(false);
    };
    element.addEventListener('touchstart', onStart, { passive: true });
    element.addEventListener('touchmove', onMove, { passive: true });
    return () => {
      element.removeEventListener('touchstart', onStart);
      element.removeEventListener('touchmove', onMove);
    };
  }, [scroller]);
  return isCollapsed;
}
