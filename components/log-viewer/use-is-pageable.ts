'use client';

import { useEffect, useRef, useState } from 'react';
import { backoffMs } from '@/lib/client/backoff';
import type { SourceSnapshot } from './source-snapshot';

/**
 * Whether the list may ask for pages where it comes near an end. After one that failed not before a while, twice as long after each that
 * fails, or before the stream is connected again.
 */
export function useIsPageable({ pageError, pages, stream }: SourceSnapshot): boolean {
  const failures = useRef(0);
  const [isDue, setDue] = useState(false);
  const isConnected = stream.kind === 'live';
  const wasConnected = useRef(isConnected);

  useEffect(() => {
    failures.current = 0;
  }, [pages]);

  useEffect(() => {
    const isBack = isConnected && !wasConnected.current;
    wasConnected.current = isConnected;
    if (pageError === undefined) return;
    failures.current += 1;
    const timer = setTimeout(() => setDue(true), isBack ? 0 : backoffMs(failures.current, 1));
    return () => {
      clearTimeout(timer);
      setDue(false);
    };
  }, [pageError, isConnected]);

  return pageError === undefined || isDue;
}
