'use client';

import { startTransition, useCallback, useState } from 'react';
import type { Theme } from './theme';

/**
 * The theme and how to choose another: at once on this page, and by `save` for the next ones, which the server renders
 * in that theme, so that nothing flashes.
 */
export function useTheme(
  initial: Theme,
  save: (theme: Theme) => Promise<void>,
): [theme: Theme, choose: (theme: Theme) => void] {
  const [theme, setTheme] = useState(initial);
  const choose = useCallback(
    (next: Theme) => {
      setTheme(next);
      if (next === 'system') delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = next;
      // Where the server cannot be reached, the choice holds for this page.
      startTransition(() => save(next).catch(() => undefined));
    },
    [save],
  );
  return [theme, choose];
}
