'use client';

import { Monitor, Moon, Sun } from 'lucide-react';
import { startTransition, useState } from 'react';
import { Button } from './button';
import { Menu, MenuChoices } from './menu';
import type { Theme } from './theme';

const CHOICES = [
  { value: 'system', label: 'System', Icon: Monitor },
  { value: 'light', label: 'Light', Icon: Sun },
  { value: 'dark', label: 'Dark', Icon: Moon },
] as const;

/**
 * Chooses light, dark or the system's colours: at once on this page, and by `save` for the next ones, which the server
 * renders in that theme, so that nothing flashes.
 */
export function ThemeChoice({ initial, save }: { initial: Theme; save: (theme: Theme) => Promise<void> }) {
  const [theme, setTheme] = useState(initial);
  const Icon = CHOICES.find((choice) => choice.value === theme)?.Icon ?? Monitor;

  const choose = (next: Theme) => {
    setTheme(next);
    if (next === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    // Where the server cannot be reached, the choice holds for this page.
    startTransition(() => save(next).catch(() => undefined));
  };

  return (
    <Menu
      trigger={
        <Button look="quiet" square aria-label={`Theme: ${theme}`} title="Theme">
          <Icon aria-hidden />
        </Button>
      }
    >
      <MenuChoices
        value={theme}
        onChange={choose}
        choices={CHOICES.map(({ value, label, Icon: ChoiceIcon }) => ({
          value,
          label: (
            <>
              <ChoiceIcon aria-hidden />
              {label}
            </>
          ),
        }))}
      />
    </Menu>
  );
}
