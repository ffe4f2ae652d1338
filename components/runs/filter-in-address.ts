'use client';

import {
  createParser,
  parseAsArrayOf,
  parseAsInteger,
  parseAsNativeArrayOf,
  parseAsString,
  parseAsStringLiteral,
  useQueryStates,
} from 'nuqs';
import { useCallback, useMemo } from 'react';
import type { ViewerFilter } from '@/components/log-viewer/viewer-filter';
import { parseTime } from '@/lib/protocol/filter-parse';
import { LEVELS, STREAMS } from '@/lib/protocol/log-message';
import { formatTimestamp } from '@/lib/protocol/timestamp';

/** A time as the API takes it; another text counts as none. */
const parseAsTime = createParser({
  parse: (text) => {
    const us = parseTime(text);
    return us === undefined ? null : formatTimestamp(us);
  },
  serialize: (iso: string) => iso,
});

const FILTER = {
  level: parseAsArrayOf(parseAsStringLiteral(LEVELS)).withDefault([]),
  stream: parseAsArrayOf(parseAsStringLiteral(STREAMS)).withDefault([]),
  task: parseAsArrayOf(parseAsString).withDefault([]),
  attempt: parseAsArrayOf(parseAsInteger).withDefault([]),
  from: parseAsTime,
  to: parseAsTime,
  q: parseAsString.withDefault(''),
  case: parseAsStringLiteral(['1']),
  hl: parseAsNativeArrayOf(parseAsString),
};

export interface FilterInAddress {
  filter: ViewerFilter;
  setFilter: (filter: ViewerFilter) => void;
  highlights: string[];
  setHighlights: (highlights: string[]) => void;
}

/** A viewer's filter and its highlighted terms, kept in the page's address so that they can be shared and reloaded. */
export function useFilterInAddress(): FilterInAddress {
  const [state, setState] = useQueryStates(FILTER, { history: 'replace', throttleMs: 200 });
  const { level, stream, task, attempt, from, to, q, case: caseMark, hl } = state;

  const filter = useMemo<ViewerFilter>(
    () => ({
      levels: level,
      streams: stream,
      tasks: task,
      attempts: attempt.filter((number) => number > 0),
      from: from ?? undefined,
      to: to ?? undefined,
      text: q,
      isCaseSensitive: caseMark !== null,
    }),
    [level, stream, task, attempt, from, to, q, caseMark],
  );
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
  return { filter, setFilter, highlights: hl, setHighlights };
}
