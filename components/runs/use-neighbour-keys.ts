'use client';

import { useRouter } from 'next/navigation';
import { useActions } from '@/components/shell/actions';
import { useShortcuts } from '@/components/shell/use-shortcuts';
import { runPagePath } from '@/lib/protocol/run-page-path';
import type { Neighbours } from './neighbour-links';

/** `[` and `]` go to the runs of the job before and after; the palette offers both. */
export function useNeighbourKeys({ previous, next }: Neighbours): void {
  const router = useRouter();
  const previousId = previous?.id;
  const nextId = next?.id;

  useShortcuts({
    ...(previousId !== undefined && { 'previous-run': () => router.push(runPagePath(previousId)) }),
    ...(nextId !== undefined && { 'next-run': () => router.push(runPagePath(nextId)) }),
  });

  useActions(
    (
      [
        ['previous-run', 'Previous run of this job', previousId],
        ['next-run', 'Next run of this job', nextId],
      ] as const
    ).flatMap(([keys, title, id]) =>
      id === undefined
        ? []
        : [{ id: `run.${keys}`, title, group: 'This run', keys, run: () => router.push(runPagePath(id)) }],
    ),
  );
}
