'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { type LineRange, parseLineHash } from '@/lib/protocol/line-range';
import { formatLineHash, selectLine } from './line-hash';

/** Places without a number of their own: `#error`, `#end`. */
export type Landmark = { kind: 'error' | 'end' };

function parseLandmark(hash: string): Landmark | undefined {
  if (hash === '#error') return { kind: 'error' };
  return hash === '#end' ? { kind: 'end' } : undefined;
}

/**
 * The lines that the page's address names, and how to name others. `linked` are those that the server knew of from `?line=`,
 * which it does not see in the hash. `target` changes with each address that should be scrolled to, not with a click on a
 * line in sight.
 */
export function useLineHash(
  enabled: boolean,
  linked?: LineRange,
): {
  selection: LineRange | undefined;
  target: LineRange | undefined;
  /** The address asks for the first error, or for the end. */
  landmark: Landmark | undefined;
  select: (line: number, extend: boolean) => void;
  clear: () => void;
} {
  const [selection, setSelection] = useState(linked);
  const [target, setTarget] = useState(linked);
  const [landmark, setLandmark] = useState<Landmark>();

  const linkedAtFirst = useRef(linked);
  useEffect(() => {
    if (!enabled) return;
    const follow = () => {
      const range = parseLineHash(location.hash);
      setSelection(range);
      setTarget(range);
      setLandmark(parseLandmark(location.hash));
    };
    const named = parseLineHash(location.hash);
    setLandmark(parseLandmark(location.hash));
    if (named && !(linkedAtFirst.current && isSameRange(named, linkedAtFirst.current))) follow();
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, [enabled]);

  const current = useRef<LineRange>(undefined);
  useEffect(() => {
    current.current = selection;
  }, [selection]);

  const select = useCallback((line: number, extend: boolean) => {
    const range = selectLine(current.current, line, extend);
    current.current = range;
    setSelection(range);
    history.replaceState(history.state, '', addressWith(formatLineHash(range)));
  }, []);

  const clear = useCallback(() => {
    setSelection(undefined);
    history.replaceState(history.state, '', addressWith(''));
  }, []);

  return { selection, target, landmark, select, clear };
}

/** This page's address with another hash, and without `?line=`, which would name the lines of before. */
function addressWith(hash: string): string {
  const { pathname, search } = location;
  const kept = search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && part !== 'line' && !part.startsWith('line='))
    .join('&');
  return `${pathname}${kept === '' ? '' : `?${kept}`}${hash}`;
}

function isSameRange(a: LineRange, b: LineRange): boolean {
  return a.first === b.first && a.last === b.last;
}
