'use client';

import { type RefObject, useCallback, useEffect, useRef } from 'react';

/** Tells whether a pointer that went down inside the element is still down: a click is of what it both went down and up on. */
export function useIsPressed(element: RefObject<HTMLElement | null>): () => boolean {
  const pressing = useRef(new Set<number>());
  useEffect(() => {
    const node = element.current;
    const pointers = pressing.current;
    const press = ({ pointerId, button, isPrimary }: PointerEvent) => {
      // One that was lost is not there any more when the first one of the next gesture is.
      if (isPrimary) pointers.clear();
      if (button === 0) pointers.add(pointerId);
    };
    const release = ({ pointerId }: PointerEvent) => pointers.delete(pointerId);
    // A menu of the system takes the release with it.
    const forget = () => pointers.clear();
    node?.addEventListener('pointerdown', press);
    window.addEventListener('pointerup', release, true);
    window.addEventListener('pointercancel', release, true);
    window.addEventListener('blur', forget);
    node?.addEventListener('contextmenu', forget);
    return () => {
      node?.removeEventListener('pointerdown', press);
      window.removeEventListener('pointerup', release, true);
      window.removeEventListener('pointercancel', release, true);
      window.removeEventListener('blur', forget);
      node?.removeEventListener('contextmenu', forget);
    };
  }, [element]);
  return useCallback(() => pressing.current.size > 0, []);
}
