'use client';

import { useQueryStates } from 'nuqs';
import { useCallback, useMemo } from 'react';
import { CONTEXT_CHOICES } from '@/components/log-viewer/find/context-choices';
import type { FindState } from '@/lib/protocol/find-term';
import { FIND_IN_ADDRESS, findOf } from './address-parsers';

/** A viewer's search, kept in the page's address so that it can be shared and reloaded. */
export function useFindInAddress(): [FindState, (find: FindState) => void] {
  const [state, setState] = useQueryStates(FIND_IN_ADDRESS, { history: 'replace', throttleMs: 200 });
  const find = useMemo(() => findOf(state), [state]);
  const setFind = useCallback(
    ({ text, isRegex, isCaseSensitive, isOnly, context }: FindState) => {
      const known = CONTEXT_CHOICES.find((choice) => choice === context) ?? 0;
      void setState({ find: text, findregex: isRegex, findcase: isCaseSensitive, only: isOnly, context: known });
    },
    [setState],
  );
  return [find, setFind];
}
