'use client';

import { useCallback, useMemo } from 'react';
import type { Around } from '@/components/log-viewer/around';
import { useStableCallback } from '@/components/log-viewer/use-stable-callback';
import type { TextFault } from '@/components/log-viewer/use-text-query';
import { isFiltering, LineMatcher, type ViewerFilter } from '@/components/log-viewer/viewer-filter';
import { type FindState, findTerm, joinTerms } from '@/lib/protocol/find-term';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { PartialEvent } from '@/lib/protocol/stream-events';
import type { TextQuery } from '@/lib/protocol/text-query';
import { type AskedFilter, useAskedFilter } from './use-asked-filter';

export interface ShownFilter extends Pick<AskedFilter, 'parameters' | 'unsearched' | 'search'> {
  /** With a search for matching lines alone, its text too. */
  filter: ViewerFilter;
  /** The filter cannot be held against lines yet: what compiles its texts is on the way. */
  isPending: boolean;
  /** What comes with matching lines. */
  around: Around | undefined;
  /** The filter's text, compiled. */
  query: TextQuery | undefined;
  fault: TextFault | undefined;
  /** Whether a line passes the filter, without the search. */
  passes: (line: LogMessage) => boolean;
  /** Whether a line that is not ended yet is shown. */
  showsPartial: (partial: PartialEvent) => boolean;
  /** Whether a line that is held is shown; while another filter's lines are on the way, those at hand are filtered here. */
  showsLine: (line: LogMessage, isSwitching: boolean) => boolean;
}

/** What a filter and a search for matching lines alone make of the lines of a run. */
export function useShownFilter(
  filter: ViewerFilter,
  find: FindState,
  attemptOf: (taskRunId: string) => number | undefined,
): ShownFilter {
  const { parameters, unsearched, isNarrowed, around: asked, text, search } = useAskedFilter(filter, find);
  const { query, fault, state } = text;
  const { query: findQuery } = search;
  const matcher = useMemo(() => new LineMatcher(filter, query, { attemptOf }), [filter, query, attemptOf]);
  const isFiltered = isFiltering(filter);

  const passes = useCallback((line: LogMessage) => !isFiltered || matcher.matches(line), [isFiltered, matcher]);
  const isMatch = useCallback(
    (line: LogMessage) => passes(line) && (findQuery?.matches(line.message) ?? true),
    [passes, findQuery],
  );
  const hasContext = asked?.kind === 'context';
  const hasTraces = asked?.kind === 'traces';
  // A source lives longer than what is known of tasks and grammar when it is made.
  const matchesSearch = useStableCallback(isMatch);
  const matches = useStableCallback(passes);
  const excludes = useStableCallback(({ message }: LogMessage) => query?.excludes(message) ?? false);
  const around = useMemo<Around | undefined>(() => {
    if (hasContext) return { kind: 'context', lines: find.context, matches: matchesSearch };
    return hasTraces ? { kind: 'traces', matches, excludes } : undefined;
  }, [hasContext, hasTraces, find.context, matchesSearch, matches, excludes]);
  const showsLine = useCallback(
    (line: LogMessage, isSwitching: boolean) => {
      if (!isNarrowed) return (hasTraces && !isSwitching) || passes(line);
      return (hasContext && !isSwitching) || isMatch(line);
    },
    [isNarrowed, hasContext, hasTraces, passes, isMatch],
  );
  const showsPartial = useCallback(
    (partial: PartialEvent) =>
      (!isFiltered || matcher.matchesPartial(partial)) && (!isNarrowed || findQuery?.matches(partial.message) === true),
    [isFiltered, matcher, isNarrowed, findQuery],
  );
  const shown = useMemo(
    () => (isNarrowed ? { ...filter, text: joinTerms(filter.text, findTerm(find, filter.isCaseSensitive)) } : filter),
    [filter, isNarrowed, find],
  );
  const isPending = state === 'pending' || (isNarrowed && search.state === 'pending');
  return {
    filter: shown,
    isPending,
    parameters,
    unsearched,
    around,
    query,
    fault,
    search,
    passes,
    showsPartial,
    showsLine,
  };
}
