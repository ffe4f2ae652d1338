'use client';

import { type RefObject, useEffect, useState } from 'react';
import { useIsMenuOpen } from '@/components/ui/open-menus';

/** Why the view stands still although its reader follows. */
export type HoldReason = 'selection' | 'menu' | 'sideways';

/**
 * What the reader is doing that arriving lines must not disturb: text of the list is selected, a menu is open, or the
 * list is scrolled sideways. Undefined where nothing is.
 */
export function useHold(scroller: RefObject<HTMLElement | null>, isSelecting: boolean): HoldReason | undefined {
  const isMenuOpen = useIsMenuOpen();
  const [isSideways, setSideways] = useState(false);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let was = false;
    const onScroll = () => {
      const is = element.scrollLeft > 1;
      // React may render once for a state that is none; this comes with every frame of a list that follows.
      if (is !== was) setSideways(is);
      was = is;
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, [scroller]);

  if (isSelecting) return 'selection';
  if (isMenuOpen) return 'menu';
  return isSideways ? 'sideways' : undefined;
}
