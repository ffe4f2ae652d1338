'use client';

import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import { type Action, useActions } from '@/components/shell/actions';
import { SHORTCUTS, type ShortcutId, shortcutOf } from '@/components/shell/shortcuts';
import { isTyping } from '@/components/ui/is-typing';

/** What a viewer does for a shortcut. */
export type ViewerCommands = Partial<Record<ShortcutId, () => void>>;

/** A dialog or a menu has keys of its own. */
const OWN_KEYS = '[role="dialog"], [role="menu"], [role="listbox"]';
/** Chords and keys that mean something else on the rest of the page. */
const INSIDE_ONLY = /^(?:Home|End)$/;

/**
 * A viewer's commands, by key and in the palette. Keys work inside the viewer and, with `page`, anywhere on the page where
 * they are not text, except those that a browser has a use for: Ctrl+F, Ctrl+G, Home and End, where the log has the focus.
 */
export function useViewerCommands(
  section: RefObject<HTMLElement | null>,
  commands: ViewerCommands,
  { page, goTo, search }: { page: boolean; goTo: (text: string) => void; search: (text: string) => void },
): void {
  const latest = useRef(commands);
  // Before the next key, which may come sooner than an effect.
  useLayoutEffect(() => {
    latest.current = commands;
  });

  useEffect(() => {
    const element = section.current;
    const scope: Document | HTMLElement | null = page ? document : element;
    const onKeyDown = (event: Event) => {
      if (!(event instanceof KeyboardEvent) || event.defaultPrevented || event.isComposing) return;
      const { target } = event;
      const id = shortcutOf(event);
      const command = id === undefined ? undefined : latest.current[id];
      // In a field keys write, and chords are the browser's: a second Ctrl+F is its own search.
      if (!command || !(target instanceof Element) || isTyping(target) || target.closest(OWN_KEYS)) return;
      const isShared = event.ctrlKey || event.metaKey || INSIDE_ONLY.test(event.key);
      if (isShared && !element?.contains(target)) return;
      event.preventDefault();
      command();
    };
    scope?.addEventListener('keydown', onKeyDown);
    return () => scope?.removeEventListener('keydown', onKeyDown);
  }, [section, page]);

  useActions(
    page
      ? SHORTCUTS.flatMap(({ id, title }): Action[] => {
          const run = commands[id];
          if (!run) return [];
          const action: Action = { id: `viewer.${id}`, title, group: 'Log', keys: id, run };
          if (id === 'goto') return [{ ...action, runWith: goTo }];
          if (id !== 'search') return [action];
          return [{ ...action, runWith: search, titleWith: (text) => `Search the log for “${text}”` }];
        })
      : [],
  );
}
