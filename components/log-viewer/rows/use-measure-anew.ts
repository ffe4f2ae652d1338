import type { Virtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef } from 'react';
import type { RowOptions } from '@/components/log-viewer/log-row';

/**
 * Forgets the heights of rows that are displayed otherwise than before. Where lines wrap or not, or have other columns, all heights change, and
 * what is in the middle of the view stays there. `isLed`: the position is given by something else.
 */
export function useMeasureAnew(
  virtualizer: Virtualizer<HTMLDivElement, HTMLDivElement>,
  options: RowOptions,
  isLed: boolean,
): void {
  const shown = useRef(options);
  useLayoutEffect(() => {
    const before = shown.current;
    if (before === options) return;
    shown.current = options;
    const isOther = before.wrap !== options.wrap || before.time !== options.time || before.columns !== options.columns;
    // By the heights that rows had until now.
    const half = (virtualizer.scrollElement?.clientHeight ?? 0) / 2;
    const middle = virtualizer.getVirtualItemForOffset((virtualizer.scrollOffset ?? 0) + half);
    virtualizer.measure();
    if (isOther && !isLed && middle) virtualizer.scrollToIndex(middle.index, { align: 'center' });
  }, [options, isLed, virtualizer]);
}
