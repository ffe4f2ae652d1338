import type { Virtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef } from 'react';
import type { RowList } from './row';

/** A scroll to a row that is under way: the virtualizer looks for some frames whether it has arrived, and shows it to nobody. */
interface ScrollUnderWay {
  index: number;
  align: 'start' | 'center' | 'end' | 'auto';
}

/**
 * Keeps a scroll to a row going there while rows come in above it: the virtualizer knows its target by its place, in which another row is then.
 */
export function useKeepTarget(virtualizer: Virtualizer<HTMLDivElement, HTMLDivElement>, rows: RowList): void {
  const before = useRef(rows);
  useLayoutEffect(() => {
    const { items } = before.current;
    if (before.current === rows) return;
    before.current = rows;
    const target = targetOf(virtualizer);
    const line = target && items[target.index]?.line.id;
    if (line === undefined) return;
    const index = rows.indexOf(line);
    if (index !== -1 && index !== target?.index) virtualizer.scrollToIndex(index, { align: target?.align ?? 'auto' });
  }, [virtualizer, rows]);
}

function targetOf(virtualizer: object): ScrollUnderWay | undefined {
  const state: unknown = Reflect.get(virtualizer, 'scrollState');
  return isUnderWay(state) ? state : undefined;
}

/** What goes to the end goes there wherever it is. */
function isUnderWay(state: unknown): state is ScrollUnderWay {
  return (
    typeof state === 'object' &&
    state !== null &&
    'index' in state &&
    typeof state.index === 'number' &&
    'align' in state &&
    !('toEnd' in state && state.toEnd === true)
  );
}
