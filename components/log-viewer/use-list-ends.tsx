'use client';

import { type ComponentProps, type ReactNode, useMemo } from 'react';
import type { PartialEvent } from '@/lib/protocol/stream-events';
import type { LogSource } from './log-source';
import type { SourceSnapshot } from './source-snapshot';
import { useStableCallback } from './use-stable-callback';
import { ViewerFoot } from './viewer-foot';
import { HeadNotice, JumpBar } from './window-notices';

type FootProps = ComponentProps<typeof ViewerFoot>;

/**
 * What stands above, below and over the lines. Each stays the same object while what it shows does: the list renders anew at each frame
 * of a busy run, and these need not.
 */
export function useListEnds({
  snapshot,
  source,
  isFiltered,
  isSwitching,
  isAway,
  hold,
  onJump,
  showsPartial,
  ...foot
}: Pick<ComponentProps<typeof HeadNotice>, 'isFiltered' | 'isSwitching'> &
  Pick<ComponentProps<typeof JumpBar>, 'hold' | 'onJump'> &
  Omit<FootProps, 'partials' | 'snapshot'> & {
    snapshot: SourceSnapshot;
    source: LogSource;
    /** The newest lines are out of sight. */
    isAway: boolean;
    showsPartial: (partial: PartialEvent) => boolean;
  }): { head: ReactNode; foot: ReactNode; overlay: ReactNode } {
  const head = useMemo(
    () => (
      <HeadNotice
        snapshot={snapshot}
        isFiltered={isFiltered}
        isSwitching={isSwitching}
        onLoadOlder={source.loadOlder}
        onRetry={source.retry}
      />
    ),
    [snapshot, isFiltered, isSwitching, source],
  );
  const { filter, shown, states, missing, startedAt } = foot;
  const below = useMemo(
    () => (
      <ViewerFoot
        snapshot={snapshot}
        filter={filter}
        shown={shown}
        partials={snapshot.partials.filter(showsPartial)}
        states={states}
        missing={missing}
        startedAt={startedAt}
      />
    ),
    [snapshot, filter, shown, showsPartial, states, missing, startedAt],
  );
  const { unseen } = snapshot.window;
  const jump = useStableCallback(onJump);
  const overlay = useMemo(
    () => isAway && <JumpBar unseen={unseen} hold={hold} onJump={jump} />,
    [isAway, unseen, hold, jump],
  );
  return { head, foot: below, overlay };
}
