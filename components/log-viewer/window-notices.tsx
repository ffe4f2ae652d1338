'use client';

import { ArrowDown } from 'lucide-react';
import { formatCount, formatCounted } from '@/components/format/quantity';
import type { ResetReason } from '@/lib/protocol/stream-events';
import type { SourceSnapshot } from './source-snapshot';
import type { HoldReason } from './use-hold';

const RESET_TEXTS: Record<ResetReason, string> = {
  epoch: 'The log was replaced on the server; this is what it holds now.',
  expired: 'The place in the stream was no longer known; the newest lines were loaded again.',
  truncated: 'Older lines were removed by retention while this page was away.',
  ahead: 'The server has fewer lines than this page had shown; they were loaded again.',
};

const LINK = 'rounded font-medium text-accent hover:underline';

/** What is above the first line that is held: more lines, the beginning, or what retention took. */
export function HeadNotice({
  snapshot,
  isFiltered,
  isSwitching,
  onLoadOlder,
  onRetry,
}: {
  snapshot: SourceSnapshot;
  isFiltered: boolean;
  isSwitching: boolean;
  onLoadOlder: () => void;
  onRetry: () => void;
}) {
  const { hasOlder, loading, pageError, first, window, resetReason, isLoaded } = snapshot;
  if (pageError !== undefined) {
    return (
      <>
        <span className="truncate text-danger">{pageError}</span>
        <button type="button" className={`${LINK} ml-2`} onClick={onRetry}>
          Try again
        </button>
      </>
    );
  }
  if (isSwitching) return 'Searching the whole run…';
  if (loading === 'older') return 'Loading older lines…';
  if (hasOlder) {
    const text = isFiltered ? 'Older matches' : formatCounted(window.after - first + 1, 'older line');
    return (
      <button type="button" className={LINK} onClick={onLoadOlder}>
        {text}
      </button>
    );
  }
  if (resetReason !== undefined) return RESET_TEXTS[resetReason];
  if (first > 1) return `Lines 1 to ${formatCount(first - 1)} were removed by retention.`;
  if (!isLoaded) return null;
  return isFiltered ? 'Nothing older matches' : 'Beginning of the log';
}

const HOLD_TEXTS: Record<HoldReason, string> = {
  selection: 'Held while text is selected',
  menu: 'Held while a menu is open',
  sideways: 'Held while scrolled sideways',
};

/** Over the log's lower edge while the reader is elsewhere; inside the list, so that the wheel scrolls it there too. */
export function JumpBar({
  unseen,
  hold,
  onJump,
}: {
  unseen: number;
  hold?: HoldReason | undefined;
  onJump: () => void;
}) {
  return (
    <button type="button" onClick={onJump} className="log-jump-bar" data-hold={hold}>
      <ArrowDown aria-hidden className="size-3.5" />
      <span className="tabular-nums">
        {unseen > 0 ? `${formatCounted(unseen, 'new line')} – jump to newest` : 'Jump to newest'}
      </span>
      <span className="hidden text-fg-muted sm:inline">{hold === undefined ? '' : HOLD_TEXTS[hold]}</span>
    </button>
  );
}
