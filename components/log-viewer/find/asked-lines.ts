import { aroundParameters } from '@/components/log-viewer/around';
import { serverFilter, type ViewerFilter } from '@/components/log-viewer/viewer-filter';
import type { HistoryQuery } from '@/lib/client/log-streaming-service';
import type { FilterParameters } from '@/lib/protocol/filter';
import { type FindState, searchParameters } from '@/lib/protocol/find-term';
import type { LinesAround } from '@/lib/protocol/lines-around';

/** Lines as the server is asked for them: those that pass a filter, and what comes with them. */
export type AskedLines = FilterParameters & Pick<HistoryQuery, 'context' | 'traces'>;

/** Matching lines alone are shown. */
export function isNarrowing({ isOnly, text }: FindState): boolean {
  return isOnly && text !== '';
}

/** Stack traces stay together: their lines are seldom of the first one's level, and seldom hold what is looked for. */
function keepsTraces({ levels, text }: ViewerFilter): boolean {
  return levels.length > 0 || text.trim() !== '';
}

/** What comes with the lines that match. */
export function askedAround(filter: ViewerFilter, find: FindState): LinesAround | undefined {
  if (isNarrowing(find)) return find.context > 0 ? { kind: 'context', lines: find.context } : undefined;
  return keepsTraces(filter) ? { kind: 'traces' } : undefined;
}

/** What a filter and a search ask for where neither has a fault. Pure: the server renders by it what the viewer begins with. */
export function askedLines(filter: ViewerFilter, find: FindState): AskedLines {
  const unsearched = serverFilter(filter);
  const parameters = isNarrowing(find) ? searchParameters(unsearched, find) : unsearched;
  return { ...parameters, ...aroundParameters(askedAround(filter, find)) };
}

/** Equal for what asks for the same lines. */
export function keyOfAsked(asked: AskedLines): string {
  return JSON.stringify(Object.entries(asked).sort(([a], [b]) => (a < b ? -1 : 1)));
}
