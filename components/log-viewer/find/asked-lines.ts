import { serverFilter, type ViewerFilter } from '@/components/log-viewer/viewer-filter';
import type { HistoryQuery } from '@/lib/client/log-streaming-service';
import type { FilterParameters } from '@/lib/protocol/filter';
import { type FindState, searchParameters } from './find-state';

/** Lines as the server is asked for them: those that pass a filter, and what comes with them. */
export type AskedLines = FilterParameters & Pick<HistoryQuery, 'context' | 'traces'>;

/** Matching lines alone are shown. */
export function isNarrowing({ isOnly, text }: FindState): boolean {
  return isOnly && text !== '';
}

/** Stack traces stay together: their lines are seldom of the first one's level, and seldom hold what is looked for. */
export function keepsTraces({ levels, text }: ViewerFilter): boolean {
  return levels.length > 0 || text.trim() !== '';
}

/** What a filter and a search ask for where neither has a fault. Pure: the server renders by it what the viewer begins with. */
export function askedLines(filter: ViewerFilter, find: FindState): AskedLines {
  const parameters = serverFilter(filter);
  if (!isNarrowing(find)) return { ...parameters, ...(keepsTraces(filter) && { traces: true }) };
  return { ...searchParameters(parameters, find), ...(find.context > 0 && { context: find.context }) };
}

/** Equal for what asks for the same lines. */
export function keyOfAsked(asked: AskedLines): string {
  return JSON.stringify(Object.entries(asked).sort(([a], [b]) => (a < b ? -1 : 1)));
}
