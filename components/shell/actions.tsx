'use client';

import { type ReactNode, useEffect, useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import type { ShortcutId } from './shortcuts';

/** Something a reader can do on the page at hand; the command palette lists it. */
export interface Action {
  /** Unique on the page, such as `viewer.wrap`. */
  id: string;
  title: string;
  /** A heading of the palette; actions of one group stand together. */
  group: string;
  /** The shortcut that does the same. */
  keys?: ShortcutId;
  /** Other words that it is found by. */
  keywords?: readonly string[];
  icon?: ReactNode;
  /** Does it, or begins to ask for what it still needs. */
  run: () => void;
  /**
   * Does it with the text that was typed into the palette. The text is offered where `titleWith` has a title for it; the
   * action `viewer.goto` is offered digits and times of day without one.
   */
  runWith?: (text: string) => void;
  /** What the action does with this text, or undefined where the text is none for it. */
  titleWith?: (text: string) => string | undefined;
}

const registered = new Map<symbol, readonly Action[]>();
const listeners = new Set<() => void>();
const NONE: readonly Action[] = [];
let all = NONE;

function publish(): void {
  all = [...registered.values()].flat();
  for (const notify of listeners) notify();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Offers actions while the component is mounted. The list may be new at every render: those who read it hear of it only
 * when what it says has changed, and what is run is always the newest.
 */
export function useActions(actions: readonly Action[]): void {
  const latest = useRef(actions);
  const said = JSON.stringify(
    actions.map(({ id, title, group, keys, keywords, runWith }) => [id, title, group, keys, keywords, !!runWith]),
  );

  useLayoutEffect(() => {
    latest.current = actions;
  });

  // `said` stands for the list.
  useEffect(() => {
    const key = Symbol();
    const newest = (id: string) => latest.current.find((action) => action.id === id);
    registered.set(
      key,
      latest.current.map((action) => ({
        ...action,
        run: () => newest(action.id)?.run(),
        ...(action.runWith && { runWith: (text: string) => newest(action.id)?.runWith?.(text) }),
      })),
    );
    publish();
    return () => {
      registered.delete(key);
      publish();
    };
  }, [said]);
}

/** All actions that components of the page offer now, in the order in which they came. */
export function useAllActions(): readonly Action[] {
  return useSyncExternalStore(
    subscribe,
    () => all,
    () => NONE,
  );
}
