'use client';

import { type RefObject, useEffect, useRef } from 'react';

/** What a viewer does for a key; `event.key` in lower case, `shift+` before letters that were typed with it. */
export type KeyActions = Readonly<Record<string, () => void>>;

const FIELDS = 'input, textarea, select, [contenteditable="true"]';
const OWN_KEYS = '[role="dialog"], [role="menu"], [role="listbox"], [data-own-keys]';

/**
 * Runs a viewer's actions for keys pressed inside it or, with `page`, anywhere on the page where no one else takes them:
 * not in fields, menus and dialogs, and not with modifiers.
 */
export function useViewerKeys(section: RefObject<HTMLElement | null>, actions: KeyActions, page: boolean): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  }, [actions]);

  useEffect(() => {
    const element = section.current;
    const scope: Document | HTMLElement | null = page ? document : element;
    const onKeyDown = (event: Event) => {
      if (!(event instanceof KeyboardEvent) || event.defaultPrevented || event.isComposing) return;
      const { target } = event;
      const action = latest.current[nameOf(event)];
      if (!action || !(target instanceof Element)) return;
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
      // In a field, keys write and chords are the browser's: a second Ctrl+F is its own search.
      if (target.closest(FIELDS) || (isPlain && target.closest(OWN_KEYS))) return;
      // A chord belongs to the log only where the log has the focus; the page's own meaning holds elsewhere.
      if (!isPlain && !element?.contains(target)) return;
      if (isPlain && (event.key === 'Home' || event.key === 'End') && !element?.contains(target)) return;
      event.preventDefault();
      action();
    };
    scope?.addEventListener('keydown', onKeyDown);
    return () => scope?.removeEventListener('keydown', onKeyDown);
  }, [section, page]);
}

/** `mod+f` is Ctrl or Cmd with F; `shift+n` a capital N; signs are themselves. */
function nameOf(event: KeyboardEvent): string {
  if (event.altKey) return '';
  const key = event.key.toLowerCase();
  const shift = event.shiftKey && /^[a-z]$/.test(key) ? 'shift+' : '';
  return `${event.ctrlKey || event.metaKey ? 'mod+' : ''}${shift}${key}`;
}
