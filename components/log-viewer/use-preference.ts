'use client';

import { useCallback, useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    // Blocked storage: the default holds.
    return null;
  }
}

/** One of a few choices that this browser remembers; the server and the first render use the fallback. */
export function usePreference<Value extends string>(
  name: string,
  choices: readonly Value[],
  fallback: Value,
): [Value, (value: Value) => void] {
  const key = `stratal:${name}`;
  const stored = useSyncExternalStore(
    useCallback((listener: () => void) => {
      listeners.add(listener);
      window.addEventListener('storage', listener);
      return () => {
        listeners.delete(listener);
        window.removeEventListener('storage', listener);
      };
    }, []),
    () => read(key),
    () => null,
  );
  const set = useCallback(
    (value: Value) => {
      try {
        localStorage.setItem(key, value);
      } catch {
        return;
      }
      for (const notify of listeners) notify();
    },
    [key],
  );
  return [choices.find((choice) => choice === stored) ?? fallback, set];
}
