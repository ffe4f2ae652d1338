'use client';

import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import { isTyping } from '@/components/ui/is-typing';
import { type ShortcutId, shortcutOf } from './shortcuts';

/** What is done for a shortcut. */
export type ShortcutCommands = Partial<Record<ShortcutId, () => void>>;

/** A dialog or a menu has keys of its own. */
const OWN_KEYS = '[role="dialog"], [role="menu"], [role="listbox"]';

/**
 * Runs commands for their keys, wherever on the page the focus is or, with `scope`, inside one element; not where keys are
 * text, nor in dialogs and menus. `isFor` may leave a press to the browser.
 */
export function useShortcuts(
  commands: ShortcutCommands,
  { scope, isFor }: { scope?: RefObject<HTMLElement | null>; isFor?: (event: KeyboardEvent) => boolean } = {},
): void {
  const latest = useRef({ commands, isFor });
  // Before the next key, which may come sooner than an effect.
  useLayoutEffect(() => {
    latest.current = { commands, isFor };
  });

  useEffect(() => {
    const target: Window | HTMLElement | null = scope ? scope.current : window;
    const onKeyDown = (event: Event) => {
      if (!(event instanceof KeyboardEvent) || event.defaultPrevented || event.isComposing) return;
      if (isTyping(event.target) || (event.target instanceof Element && event.target.closest(OWN_KEYS))) return;
      const shortcut = shortcutOf(event);
      const command = shortcut && latest.current.commands[shortcut];
      if (!command || latest.current.isFor?.(event) === false) return;
      event.preventDefault();
      command();
    };
    target?.addEventListener('keydown', onKeyDown);
    return () => target?.removeEventListener('keydown', onKeyDown);
  }, [scope]);
}
