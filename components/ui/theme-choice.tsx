'use client';

import { Monitor, Moon, Sun } from 'lucide-react';
import { Button } from './button';
import { Menu, MenuChoices } from './menu';
import type { Theme } from './theme';

const CHOICES = [
  { value: 'system', label: 'System', Icon: Monitor },
  { value: 'light', label: 'Light', Icon: Sun },
  { value: 'dark', label: 'Dark', Icon: Moon },
] as const;

/** Chooses light, dark or the system's colours. */
export function ThemeChoice({ theme, onChoose }: { theme: Theme; onChoose: (theme: Theme) => void }) {
  const Icon = CHOICES.find((choice) => choice.value === theme)?.Icon ?? Monitor;

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
        onChange={onChoose}
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
