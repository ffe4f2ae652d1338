'use client';

import { Monitor, Moon, Sun } from 'lucide-react';
import type { Theme } from '@/components/ui/theme';
import { ThemeChoice } from '@/components/ui/theme-choice';
import { useTheme } from '@/components/ui/use-theme';
import { useActions } from './actions';

const GROUP = 'Appearance';
const KEYWORDS = ['appearance', 'colour', 'color', 'mode'];

/** The choice of theme, as a menu and in the palette. */
export function ThemeControl({ initial, save }: { initial: Theme; save: (theme: Theme) => Promise<void> }) {
  const [theme, choose] = useTheme(initial, save);
  useActions([
    {
      id: 'theme.light',
      title: 'Light theme',
      group: GROUP,
      keywords: KEYWORDS,
      icon: <Sun />,
      run: () => choose('light'),
    },
    {
      id: 'theme.dark',
      title: 'Dark theme',
      group: GROUP,
      keywords: [...KEYWORDS, 'night'],
      icon: <Moon />,
      run: () => choose('dark'),
    },
    {
      id: 'theme.system',
      title: 'System theme',
      group: GROUP,
      keywords: KEYWORDS,
      icon: <Monitor />,
      run: () => choose('system'),
    },
  ]);
  return <ThemeChoice theme={theme} onChoose={choose} />;
}
