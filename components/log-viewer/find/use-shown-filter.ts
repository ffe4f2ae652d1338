'use client';

import { useCallback, useMemo } from 'react';
import { type CompiledText, type TextFault, useTextQuery } from '@/components/log-viewer/use-text-query';
import { isFiltering, LineMatcher, serverFilter, type ViewerFilter } from '@/components/log-viewer/viewer-filter';
import type { FilterParameters } from '@/lib/protocol/filter';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { TextQuery } from '@/lib/protocol/text-query';
import { type FindState, findTerm, joinTerms, searchParameters } from './find-state';

export interface ShownFilter {
  /** With a search for matching lines alone, its text too. */
  filter: ViewerFilter;
  /** What the server is asked for. */
  parameters: FilterParameters;
  /** The same without the search. */
  unsearched: FilterParameters;
  /** With a search for matching lines alone: how many lines around them, and what a match is. */
  context: { lines: number; matches: (line: LogMessage) => boolean } | undefined;
  /** The filter's text, compiled. */
  query: TextQuery | undefined;
  fault: TextFault | undefined;
  /** The search's term, compiled. */
  search: CompiledText;
  /** Whether a line passes the filter, without the search. */
  passes: (line: LogMessage) => boolean;
  /** Whether a line that is held is shown; while another filter's lines are on the way, those at hand are filtered here. */
  showsLine: (line: LogMessage, isSwitching: boolean) => boolean;
}

/** What a filter and a search for matching lines alone make of the lines of a run. */
export function useShownFilter(
  filter: ViewerFilter,
  find: FindState,
  attemptOf: (taskRunId: string) => number | undefined,
): ShownFilter {
  const { query, fault } = useTextQuery(filter.text, filter.isCaseSensitive);
  const search = useTextQuery(findTerm(find), find.isCaseSensitive);
  const { query: findQuery, fault: findFault } = search;
  const isNarrowed = find.isOnly && find.text !== '' && findFault === undefined;
  const unsearched = useMemo(
    () => serverFilter(fault === undefined ? filter : { ...filter, text: '' }),
    [filter, fault],
  );
  const parameters = useMemo(
    () => (isNarrowed ? searchParameters(unsearched, find) : unsearched),
    [unsearched, isNarrowed, find],
  );
  const matcher = useMemo(() => new LineMatcher(filter, query, { attemptOf }), [filter, query, attemptOf]);
  const isFiltered = isFiltering(filter);

  const passes = useCallback((line: LogMessage) => !isFiltered || matcher.matches(line), [isFiltered, matcher]);
  const isMatch = useCallback(
    (line: LogMessage) => passes(line) && (findQuery?.matches(line.message) ?? true),
    [passes, findQuery],
  );
  // Without the compiled search, lines of the stream could not be told apart.
  const hasContext = isNarrowed && find.context > 0 && findQuery !== undefined;
  const context = useMemo(
    () => (hasContext ? { lines: find.context, matches: isMatch } : undefined),
    [hasContext, find.context, isMatch],
  );
  const showsLine = useCallback(
    (line: LogMessage, isSwitching: boolean) => {
      if (!isNarrowed) return passes(line);
      return (hasContext && !isSwitching) || isMatch(line);
    },
    [isNarrowed, hasContext, passes, isMatch],
  );
  const shown = useMemo(
    () => (isNarrowed ? { ...filter, text: joinTerms(filter.text, findTerm(find, filter.isCaseSensitive)) } : filter),
    [filter, isNarrowed, find],
  );
  return { filter: shown, parameters, unsearched, context, query, fault, search, passes, showsLine };
}
