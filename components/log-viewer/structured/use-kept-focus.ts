'use client';

import { type RefObject, useLayoutEffect } from 'react';

/**
 * Gives the focus to the list when the element that has it leaves the page, as rows that are out of sight do: otherwise the list's keys
 * would do nothing until it is clicked again.
 */
export function useKeptFocus(ref: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = ref.current;
    return () => {
      if (!element?.contains(document.activeElement)) return;
      element.closest<HTMLElement>('[role="log"]')?.focus({ preventScroll: true });
    };
  }, [ref]);
}
