'use client';

import { useQueryStates } from 'nuqs';
import { useCallback, useMemo } from 'react';
import type { ViewerFilter } from '@/components/log-viewer/viewer-filter';
import { FILTER_IN_ADDRESS, filterOf } from './address-parsers';

export interface FilterInAddress {
  filter: ViewerFilter;
  setFilter: (filter: ViewerFilter) => void;
  highlights: string[];
  setHighlights: (highlights: string[]) => void;
}

/** A viewer's filter and its highlighted terms, kept in the page's address so that they can be shared and reloaded. */
export function useFilterInAddress(): FilterInAddress {
  const [state, setState] = useQueryStates(FILTER_IN_ADDRESS, { history: 'replace', throttleMs: 200 });
  const filter = useMemo(() => filterOf(state), [state]);
  const setFilter = useCallback(
    (next: ViewerFilter) => {
      void setState({
        level: [...next.levels],
        stream: [...next.streams],
        task: [...next.tasks],
        attempt: [...next.attempts],
        from: next.from ?? null,
        to: next.to ?? null,
        q: next.text,
        case: next.isCaseSensitive ? '1' : null,
      });
    },
    [setState],
  );
  const setHighlights = useCallback((highlights: string[]) => void setState({ hl: highlights }), [setState]);
  return { filter, setFilter, highlights: state.hl, setHighlights };
}
