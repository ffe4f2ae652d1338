'use client';

import { type ComponentProps, type ReactNode, useMemo } from 'react';
import type { ShownFilter } from './find/use-shown-filter';
import type { LogSource } from './log-source';
import type { SourceSnapshot } from './source-snapshot';
import type { UnfinishedLine } from './unfinished-lines';
import { useFrozen } from './use-frozen';
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
  filter,
  isHeld,
  ...foot
}: Pick<ComponentProps<typeof HeadNotice>, 'isFiltered' | 'isSwitching'> &
  Pick<ComponentProps<typeof JumpBar>, 'hold' | 'onJump'> &
  Omit<FootProps, 'unfinished' | 'snapshot' | 'filter'> & {
    snapshot: SourceSnapshot;
    source: LogSource;
    /** The newest lines are out of sight. */
    isAway: boolean;
    filter: Pick<ShownFilter, 'filter' | 'showsPartial'>;
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
  const { filter: shownFilter, showsPartial } = filter;
  // Selected text does not change under the reader, as long as its line goes on.
  const atHold = useFrozen(snapshot.unfinished, isHeld);
  const unfinished = useMemo(() => {
    const asHeld = (now: UnfinishedLine) => atHold.find(({ key }) => key === now.key) ?? now;
    return snapshot.unfinished.map(asHeld).filter(showsPartial);
  }, [snapshot.unfinished, atHold, showsPartial]);
  const { shown, states, missing, options, depth } = foot;
  const below = useMemo(
    () => (
      <ViewerFoot
        snapshot={snapshot}
        filter={shownFilter}
        shown={shown}
        unfinished={unfinished}
        isHeld={isHeld}
        states={states}
        missing={missing}
        options={options}
        depth={depth}
      />
    ),
    [snapshot, shownFilter, shown, unfinished, isHeld, states, missing, options, depth],
  );
  const { unseen } = snapshot.window;
  const jump = useStableCallback(onJump);
  const overlay = useMemo(
    () => isAway && <JumpBar unseen={unseen} hold={hold} onJump={jump} />,
    [isAway, unseen, hold, jump],
  );
  return { head, foot: below, overlay };
}
