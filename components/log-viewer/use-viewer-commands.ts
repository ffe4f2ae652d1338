'use client';

import type { RefObject } from 'react';
import { type Action, useActions } from '@/components/shell/actions';
import { SHORTCUTS } from '@/components/shell/shortcuts';
import { type ShortcutCommands, useShortcuts } from '@/components/shell/use-shortcuts';

/** Keys that a browser has a use for by themselves. */
const BROWSERS = /^(?:Home|End)$/;

/**
 * A viewer's commands, by key and in the palette. Keys work inside the viewer and, with `page`, anywhere on the page where
 * they are not text, except those that a browser has a use for: Ctrl+F where the log has the focus, Ctrl+G, Home and End
 * also where nothing has it. In a field chords are the browser's: a second Ctrl+F is its own search.
 */
export function useViewerCommands(
  section: RefObject<HTMLElement | null>,
  commands: ShortcutCommands,
  { page, goTo, search }: { page: boolean; goTo: (text: string) => void; search: (text: string) => void },
): void {
  useShortcuts(commands, {
    ...(!page && { scope: section }),
    isFor: ({ ctrlKey, metaKey, key, target }) => {
      const isShared = ctrlKey || metaKey || BROWSERS.test(key);
      if (!isShared || (target instanceof Node && section.current?.contains(target))) return true;
      return target === document.body && (BROWSERS.test(key) || key === 'g');
    },
  });

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
