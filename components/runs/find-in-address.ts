'use client';

import { parseAsBoolean, parseAsNumberLiteral, parseAsString, useQueryStates } from 'nuqs';
import { useCallback, useMemo } from 'react';
import { CONTEXT_CHOICES, type FindState } from '@/components/log-viewer/find/find-state';

const FIND = {
  find: parseAsString.withDefault(''),
  findregex: parseAsBoolean.withDefault(false),
  findcase: parseAsBoolean.withDefault(false),
  only: parseAsBoolean.withDefault(false),
  context: parseAsNumberLiteral(CONTEXT_CHOICES).withDefault(0),
};

/** A viewer's search, kept in the page's address so that it can be shared and reloaded. */
export function useFindInAddress(): [FindState, (find: FindState) => void] {
  const [state, setState] = useQueryStates(FIND, { history: 'replace', throttleMs: 200 });
  const find = useMemo<FindState>(
    () => ({
      text: state.find,
      isRegex: state.findregex,
      isCaseSensitive: state.findcase,
      isOnly: state.only,
      context: state.context,
    }),
    [state],
  );
  const setFind = useCallback(
    ({ text, isRegex, isCaseSensitive, isOnly, context }: FindState) => {
      const known = CONTEXT_CHOICES.find((choice) => choice === context) ?? 0;
      void setState({ find: text, findregex: isRegex, findcase: isCaseSensitive, only: isOnly, context: known });
    },
    [setState],
  );
  return [find, setFind];
}
