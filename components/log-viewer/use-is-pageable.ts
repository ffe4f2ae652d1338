'use client';

import { useEffect, useRef, useState } from 'react';
import type { SourceSnapshot } from './source-snapshot';

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;

/**
 * Whether the list may ask for pages where it comes near an end. After one that failed not before a while, twice as long after each that
 * fails, or before the stream is connected again.
 */
export function useIsPageable({ pageError, pages, stream }: SourceSnapshot): boolean {
  const failures = useRef(0);
  const [isDue, setDue] = useState(false);
  const isConnected = stream.kind === 'live';

  useEffect(() => {
    failures.current = 0;
  }, [pages]);

  useEffect(() => {
    if (pageError === undefined) return;
    setDue(false);
    const timer = setTimeout(() => setDue(true), Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures.current));
    failures.current += 1;
    return () => clearTimeout(timer);
  }, [pageError]);

  useEffect(() => {
    if (isConnected) setDue(true);
  }, [isConnected]);

  return pageError === undefined || isDue;
}
