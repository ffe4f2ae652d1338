'use client';

import { useMemo } from 'react';
import { type CompiledText, useTextQuery } from '@/components/log-viewer/use-text-query';
import { serverFilter, type ViewerFilter } from '@/components/log-viewer/viewer-filter';
import type { FilterParameters } from '@/lib/protocol/filter';
import { type FindState, findTerm, NO_FIND, searchParameters } from '@/lib/protocol/find-term';
import type { LinesAround } from '@/lib/protocol/lines-around';
import { askedAround, isNarrowing } from './asked-lines';

/** What a filter and a search ask of the server. */
export interface AskedFilter {
  /** What the server is asked for: the filter, and where matching lines alone are shown the search; without a text that is faulty. */
  parameters: FilterParameters;
  /** The same without the search. */
  unsearched: FilterParameters;
  /** Matching lines alone are shown. */
  isNarrowed: boolean;
  /** What comes with the lines that match. */
  around: LinesAround | undefined;
  /** The filter's text, compiled. */
  text: CompiledText;
  /** The search's term, compiled. */
  search: CompiledText;
}

export function useAskedFilter(filter: ViewerFilter, find: FindState): AskedFilter {
  const text = useTextQuery(filter.text, filter.isCaseSensitive);
  const search = useTextQuery(findTerm(find), find.isCaseSensitive);
  const isFaulty = text.fault !== undefined;
  const known = useMemo(() => (isFaulty ? { ...filter, text: '' } : filter), [filter, isFaulty]);
  const isNarrowed = isNarrowing(find) && search.fault === undefined;
  const unsearched = useMemo(() => serverFilter(known), [known]);
  const parameters = useMemo(
    () => (isNarrowed ? searchParameters(unsearched, find) : unsearched),
    [unsearched, isNarrowed, find],
  );
  // Without what compiles the texts, lines of the stream could not be told apart.
  const isTold = (isNarrowed ? search : text).state !== 'failed';
  const around = useMemo(
    () => (isTold ? askedAround(known, isNarrowed ? find : NO_FIND) : undefined),
    [isTold, known, isNarrowed, find],
  );
  return { parameters, unsearched, isNarrowed, around, text, search };
}
