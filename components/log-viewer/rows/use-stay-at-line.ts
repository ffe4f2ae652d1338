import type { Virtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef } from 'react';
import type { RowList } from './row';

/**
 * Keeps the reader at the same lines when the row at the top is folded away: the virtualizer holds on to rows by their
 * keys, and knows of no row that took the place of another. `isLed`: the position is given by something else.
 */
export function useStayAtLine(
  virtualizer: Virtualizer<HTMLDivElement, HTMLDivElement>,
  rows: RowList,
  isLed: boolean,
): void {
  const shown = useRef<RowList>(rows);
  const top = useRef<{ key: number; line: number }>(undefined);

  useLayoutEffect(() => {
    const before = top.current;
    const hasChanged = shown.current !== rows;
    shown.current = rows;
    const index = virtualizer.range?.startIndex;
    if (hasChanged && !isLed && before) {
      const place = rows.indexOf(before.line);
      const isThere = rows.items[place]?.key === before.key || rows.items.some(({ key }) => key === before.key);
      if (!isThere && place !== -1) {
        virtualizer.scrollToIndex(place, { align: 'start' });
        return;
      }
    }
    const row = index === undefined ? undefined : rows.items[index];
    top.current = row && { key: row.key, line: row.line.id };
  });
}
