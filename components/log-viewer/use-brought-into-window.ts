'use client';

import { type RefObject, useEffect } from 'react';
import type { LineRange } from '@/lib/protocol/line-range';

/** On a small screen the page scrolls too: lines that its address names, or a line that it opens at, bring the log into the window. */
export function useBroughtIntoWindow(
  list: RefObject<HTMLElement | null>,
  target: LineRange | undefined,
  opensAtLine: boolean,
): void {
  useEffect(() => {
    if (target || opensAtLine) list.current?.scrollIntoView({ block: 'nearest' });
  }, [list, target, opensAtLine]);
}
