'use client';

import { Activity, Keyboard, List, Radio, Search } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { Button } from '@/components/ui/button';
import { isTyping } from '@/components/ui/is-typing';
import { Keys } from '@/components/ui/keys';
import { useActions } from './actions';
import { CommandPalette } from './command-palette';
import { chordOf, shortcutOf } from './shortcuts';
import { ShortcutsDialog } from './shortcuts-dialog';

/** What every page has: the palette, the list of shortcuts, the keys that open them, and the ways to other pages. */
export function ShellCommands() {
  const [opened, setOpened] = useState<'palette' | 'shortcuts'>();
  const router = useRouter();

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const shortcut = shortcutOf(event);
      if (shortcut === 'palette') {
        event.preventDefault();
        setOpened((before) => (before === 'palette' ? undefined : 'palette'));
      } else if (shortcut === 'shortcuts' && !isTyping(event.target)) {
        event.preventDefault();
        setOpened('shortcuts');
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);

  useActions([
    { id: 'page.runs', title: 'Runs', group: 'Pages', icon: <List />, run: () => router.push('/') },
    {
      id: 'page.live',
      title: 'Live',
      group: 'Pages',
      keywords: ['all runs', 'tail'],
      icon: <Radio />,
      run: () => router.push('/live'),
    },
    {
      id: 'page.status',
      title: 'Status',
      group: 'Pages',
      keywords: ['connections', 'server'],
      icon: <Activity />,
      run: () => router.push('/status'),
    },
    {
      id: 'shell.shortcuts',
      title: 'Keyboard shortcuts',
      group: 'Help',
      keys: 'shortcuts',
      keywords: ['keys', 'hotkeys'],
      icon: <Keyboard />,
      run: () => setOpened('shortcuts'),
    },
  ]);

  const openOne = (name: 'palette' | 'shortcuts') => (open: boolean) => setOpened(open ? name : undefined);
  return (
    <>
      <Button
        look="quiet"
        aria-label="Search or jump to"
        aria-haspopup="dialog"
        onClick={() => setOpened('palette')}
        className="w-8 px-0 font-normal md:w-auto md:border md:border-edge-strong md:bg-raised md:pr-1.5 md:pl-2.5"
      >
        <Search aria-hidden />
        <span className="hidden md:inline">Search or jump to…</span>
        <Keys chord={chordOf('palette')} className="ml-4 hidden md:inline-flex" />
      </Button>
      <CommandPalette open={opened === 'palette'} onOpenChange={openOne('palette')} />
      <ShortcutsDialog open={opened === 'shortcuts'} onOpenChange={openOne('shortcuts')} />
    </>
  );
}
