'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { useActions } from '@/components/shell/actions';
import { shortcutOf } from '@/components/shell/shortcuts';
import { isTyping } from '@/components/ui/is-typing';
import type { Neighbours } from './neighbour-links';

const OWN_KEYS = '[role="dialog"], [role="menu"], [role="listbox"]';

/** `[` and `]` go to the runs of the job before and after; the palette offers both. */
export function useNeighbourKeys({ previous, next }: Neighbours): void {
  const router = useRouter();
  const previousId = previous?.id;
  const nextId = next?.id;

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event.target)) return;
      if (event.target instanceof Element && event.target.closest(OWN_KEYS)) return;
      const shortcut = shortcutOf(event);
      const id = shortcut === 'previous-run' ? previousId : shortcut === 'next-run' ? nextId : undefined;
      if (id === undefined) return;
      event.preventDefault();
      router.push(pageOf(id));
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [router, previousId, nextId]);

  useActions(
    (
      [
        ['previous-run', 'Previous run of this job', previousId],
        ['next-run', 'Next run of this job', nextId],
      ] as const
    ).flatMap(([keys, title, id]) =>
      id === undefined
        ? []
        : [{ id: `run.${keys}`, title, group: 'This run', keys, run: () => router.push(pageOf(id)) }],
    ),
  );
}

function pageOf(id: string): string {
  return `/job-runs/${encodeURIComponent(id)}`;
}
