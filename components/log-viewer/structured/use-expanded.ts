'use client';

import { useCallback, useSyncExternalStore } from 'react';

/**
 * What a reader opened or closed in a list of lines, by key. It is held above the list, so that rows that leave the page come
 * back as they were, and rows hear of their own keys alone.
 */
export class Expansion {
  readonly #toggled = new Set<string>();
  readonly #listeners = new Map<string, Set<() => void>>();

  /** Whether it stands otherwise than it did at first. */
  isToggled(key: string): boolean {
    return this.#toggled.has(key);
  }

  toggle(key: string): void {
    if (!this.#toggled.delete(key)) this.#toggled.add(key);
    for (const notify of this.#listeners.get(key) ?? []) notify();
  }

  subscribe(key: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(key);
    };
  }
}

/** Whether something is open, and how to turn it; `isOpenAtFirst` until the reader does. */
export function useExpanded(expansion: Expansion, key: string, isOpenAtFirst = false): [boolean, () => void] {
  const isToggled = useSyncExternalStore(
    useCallback((listener: () => void) => expansion.subscribe(key, listener), [expansion, key]),
    () => expansion.isToggled(key),
    () => false,
  );
  const toggle = useCallback(() => expansion.toggle(key), [expansion, key]);
  return [isToggled !== isOpenAtFirst, toggle];
}
