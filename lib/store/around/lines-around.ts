import type { LineFilter } from '@/lib/protocol/filter';
import { isUnfiltered } from '@/lib/protocol/filter-match';

/** What comes with the lines that pass a filter: those next to each, whatever they are, or the rest of the stack trace that it is in. */
export type LinesAround = { kind: 'context'; lines: number } | { kind: 'traces' };

/** The same under this filter: nothing where every line passes, or where a trace passes whole, as one of a task, a stream or a time does. */
export function aroundUnder(filter: LineFilter, around: LinesAround | undefined): LinesAround | undefined {
  if (isUnfiltered(filter)) return undefined;
  return around?.kind === 'traces' && filter.levels === undefined && filter.text === undefined ? undefined : around;
}
