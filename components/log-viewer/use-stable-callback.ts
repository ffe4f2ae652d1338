'use client';

import { useCallback, useLayoutEffect, useRef } from 'react';

/** A function of lasting identity that calls the newest one: what it is given to need not render again for it. */
export function useStableCallback<Parameters extends unknown[], Result>(
  callback: (...parameters: Parameters) => Result,
): (...parameters: Parameters) => Result {
  const latest = useRef(callback);
  useLayoutEffect(() => {
    latest.current = callback;
  });
  return useCallback((...parameters: Parameters) => latest.current(...parameters), []);
}
