'use client';

import { useSyncExternalStore } from 'react';

const never = () => () => {};

/** True on Apple's systems, where Cmd does what Ctrl does elsewhere; false on the server and during hydration. */
export function useIsMac(): boolean {
  return useSyncExternalStore(
    never,
    () => /^(Mac|iP)/.test(navigator.platform),
    () => false,
  );
}
