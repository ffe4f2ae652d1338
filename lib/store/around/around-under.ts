import type { LineFilter } from '@/lib/protocol/filter';
import { isUnfiltered } from '@/lib/protocol/filter-match';
import type { LinesAround } from '@/lib/protocol/lines-around';

/** What comes with the lines that pass under this filter: nothing where every line passes, or where a trace passes whole, as one of a task, a stream or a time does. */
export function aroundUnder(filter: LineFilter, around: LinesAround | undefined): LinesAround | undefined {
  if (isUnfiltered(filter)) return undefined;
  return around?.kind === 'traces' && filter.levels === undefined && filter.text === undefined ? undefined : around;
}
