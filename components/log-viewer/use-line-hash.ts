'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { formatLineHash, type LineRange, parseLineHash, selectLine } from './line-hash';

/** Places without a number of their own: `#error`, `#end`. */
export type Landmark = { kind: 'error' | 'end' };

function parseLandmark(hash: string): Landmark | undefined {
  if (hash === '#error') return { kind: 'error' };
  return hash === '#end' ? { kind: 'end' } : undefined;
}

/**
 * The lines that the page's address names, and how to name others. `target` changes with each address that should be
 * scrolled to, not with a click on a line in sight.
 */
export function useLineHash(enabled: boolean): {
  selection: LineRange | undefined;
  target: LineRange | undefined;
  /** The address asks for the first error, or for the end. */
  landmark: Landmark | undefined;
  clear: () => void;
  select: (line: number, extend: boolean) => void;
} {
  const [selection, setSelection] = useState<LineRange>();
  const [target, setTarget] = useState<LineRange>();
  const [landmark, setLandmark] = useState<Landmark>();

  useEffect(() => {
    if (!enabled) return;
    const follow = () => {
      const range = parseLineHash(location.hash);
      setSelection(range);
      setTarget(range);
      setLandmark(parseLandmark(location.hash));
    };
    follow();
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, [enabled]);

  const current = useRef<LineRange>(undefined);
  useEffect(() => {
    current.current = selection;
  }, [selection]);

  const select = useCallback((line: number, extend: boolean) => {
    const range = selectLine(current.current, line, extend);
    setSelection(range);
    history.replaceState(history.state, '', formatLineHash(range));
  }, []);

  const clear = useCallback(() => {
    setSelection(undefined);
    history.replaceState(history.state, '', `${location.pathname}${location.search}`);
  }, []);

  return { selection, target, landmark, select, clear };
}
