'use client';

import { useEffect, useSyncExternalStore } from 'react';

let openMenus = 0;
const menuListeners = new Set<() => void>();

function countOpenMenus(step: 1 | -1): void {
  openMenus += step;
  for (const notify of menuListeners) notify();
}

/** True while any menu of the page is open. */
export function useIsMenuOpen(): boolean {
  return useSyncExternalStore(
    (listener) => {
      menuListeners.add(listener);
      return () => menuListeners.delete(listener);
    },
    () => openMenus > 0,
    () => false,
  );
}

/** Counts a menu as open while `isOpen`. */
export function useNoteOpenMenu(isOpen: boolean): void {
  useEffect(() => {
    if (!isOpen) return;
    countOpenMenus(1);
    return () => countOpenMenus(-1);
  }, [isOpen]);
}
