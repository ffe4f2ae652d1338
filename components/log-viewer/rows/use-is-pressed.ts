'use client';

import { type RefObject, useCallback, useEffect, useRef } from 'react';

/** Tells whether a pointer that went down inside the element is still down: a click is of what it both went down and up on. */
export function useIsPressed(element: RefObject<HTMLElement | null>): () => boolean {
  const pressing = useRef(new Set<number>());
  useEffect(() => {
    const node = element.current;
    const pointers = pressing.current;
    const press = ({ pointerId }: PointerEvent) => pointers.add(pointerId);
    const release = ({ pointerId }: PointerEvent) => pointers.delete(pointerId);
    node?.addEventListener('pointerdown', press);
    window.addEventListener('pointerup', release, true);
    window.addEventListener('pointercancel', release, true);
    return () => {
      node?.removeEventListener('pointerdown', press);
      window.removeEventListener('pointerup', release, true);
      window.removeEventListener('pointercancel', release, true);
    };
  }, [element]);
  return useCallback(() => pressing.current.size > 0, []);
}
