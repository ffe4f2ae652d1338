import type { SightStore } from '@/components/log-viewer/sight-store';
import type { Place } from '@/components/log-viewer/use-place';
import type { LineRange } from '@/lib/protocol/line-range';
import type { RowList } from './row';

/** Selects the shown line beside the selected one or, with `extend`, one line more or less, and brings it into sight. */
export function lineStepper(
  rows: RowList,
  {
    selection,
    select,
    sight,
    goTo,
  }: {
    selection: LineRange | undefined;
    select: (line: number, extend: boolean) => void;
    sight: SightStore;
    goTo: Place['goTo'];
  },
): (step: 1 | -1, extend?: boolean) => void {
  return (step, extend = false) => {
    const from = (extend ? selection?.last : selection?.first) ?? sight.get()?.middle ?? 0;
    const line = neighbourOf(rows, from, step);
    if (line === undefined || (extend && line < (selection?.first ?? line))) return;
    select(line, extend);
    goTo(line, 'auto');
  };
}

/** The number of the line beside another one, among those that have a row. */
function neighbourOf(rows: RowList, id: number, step: 1 | -1): number | undefined {
  const index = rows.indexOf(id);
  return rows.items[index === -1 ? rows.items.length - 1 : index + step]?.line.id;
}
