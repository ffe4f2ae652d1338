import type { Virtualizer } from '@tanstack/react-virtual';
import type { Goal } from '@/components/log-viewer/use-place';
import type { RowList } from './row';

/** Pixels between the first wanted row and the upper edge, where the wanted rows are more than fit. */
const ABOVE_PX = 40;

/**
 * The row that stands in the middle when a goal's lines are in sight: the middle one of them, or where they are too many the one
 * that leaves the first in sight. -1: none. Rows that were never laid out count with the height they are taken to have.
 */
export function rowToCentre(
  rows: RowList,
  { line, last = line, align }: Goal,
  virtualizer: Virtualizer<HTMLDivElement, HTMLDivElement>,
): number {
  const first = rows.indexOf(line);
  if (first === -1 || align !== 'center' || last <= line) return first;
  const { measurementsCache: places, scrollRect } = virtualizer;
  const top = places[first]?.start ?? 0;
  let end = first;
  while ((rows.items[end + 1]?.line.id ?? Number.POSITIVE_INFINITY) <= last) end += 1;
  const middle = top + Math.min(((places[end]?.end ?? top) - top) / 2, (scrollRect?.height ?? 0) / 2 - ABOVE_PX);
  let index = first;
  while (index < end && (places[index]?.end ?? middle) < middle) index += 1;
  return index;
}
