import type { HistoryQuery } from '@/lib/client/log-streamer';
import type { History } from '@/lib/protocol/api';
import { TRACE_SPAN } from '@/lib/protocol/continuation';
import type { FilterParameters } from '@/lib/protocol/filter';
import type { LinesAround } from '@/lib/protocol/lines-around';
import type { LogMessage } from '@/lib/protocol/log-message';
import { ContextPicker } from './context-picker';
import { TracePicker } from './trace-picker';

/** What comes with lines of a stream that pass a filter, with the filter and what it excludes. */
export type Around = { matches: (line: LogMessage) => boolean } & (
  | Extract<LinesAround, { kind: 'context' }>
  | (Extract<LinesAround, { kind: 'traces' }> & { excludes: (line: LogMessage) => boolean })
);

export interface LinePicker {
  /** Those of the next lines of a stream that are shown, ascending, among them earlier ones. */
  pick(lines: readonly LogMessage[]): LogMessage[];
}

/** Chooses of a stream what the server's pages hold; a trace of hundreds of lines may end elsewhere. */
export function pickerOf(around: Around): LinePicker {
  return around.kind === 'context'
    ? new ContextPicker(around.lines, around.matches)
    : new TracePicker(around.matches, around.excludes);
}

/** As pages and downloads are asked for it. */
export function aroundParameters(around: LinesAround | undefined): Pick<HistoryQuery, 'context' | 'traces'> {
  if (!around) return {};
  return around.kind === 'context' ? { context: around.lines } : { traces: true };
}

/** Lines on each side of a match whatever they are. */
export function contextLines(around: Around | undefined): number {
  return around?.kind === 'context' ? around.lines : 0;
}

/**
 * The line after which the stream begins behind the newest matches: where others come with a match the stream has them all,
 * and begins so far back that they are in it. Undefined where none do.
 */
export function startBefore(
  { context, traces }: Pick<HistoryQuery, 'context' | 'traces'>,
  first: number,
  newest: number,
): number | undefined {
  const reach = context ?? (traces ? TRACE_SPAN : undefined);
  return reach === undefined ? undefined : Math.max(0, first - 1, newest - reach);
}

/** The same of a run whose newest line is asked for. */
export async function findStart(
  around: Around | undefined,
  readNewest: () => Promise<History>,
): Promise<number | undefined> {
  if (!around) return undefined;
  const { logs, pagination } = await readNewest();
  const newest = logs[0]?.id ?? 0;
  return startBefore(aroundParameters(around), newest - (pagination.offset ?? 0), newest);
}

/** The filter of the stream that is picked from: whatever a match and what comes with it have in common. */
export function streamFilter(filter: FilterParameters, around: Around | undefined): FilterParameters {
  if (!around) return filter;
  if (around.kind === 'context') return {};
  const { level: _, q: __, case: ___, ...sets } = filter;
  return sets;
}
