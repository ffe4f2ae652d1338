'use client';

import { X } from 'lucide-react';
import { formatBytes } from '@/components/format/quantity';
import { Button } from '@/components/ui/button';
import type { FileSave } from './use-file-save';

/** How far a file is that is being saved, and how that ended. */
export function SaveProgress({ state, onClose }: { state: FileSave; onClose: () => void }) {
  if (state.kind === 'none') return <div role="status" className="sr-only" />;
  const words =
    state.kind === 'saving'
      ? `Saving ${state.name}`
      : state.kind === 'saved'
        ? `Saved ${state.name}, ${formatBytes(state.bytes)}`
        : `${state.name} was not saved: ${state.reason}`;
  return (
    <div className="fixed right-3 bottom-3 z-40 flex max-w-[calc(100vw-1.5rem)] items-center gap-2 rounded-lg bg-raised py-1.5 pr-1.5 pl-3 text-13 shadow-pop">
      <div className="min-w-0">
        <div role="status" className={state.kind === 'failed' ? 'text-danger' : 'truncate text-fg'}>
          {words}
        </div>
        {state.kind === 'saving' && (
          <div className="flex items-center gap-2 text-fg-muted text-xs tabular-nums">
            <span className="h-1 w-24 overflow-hidden rounded-full bg-hover">
              <span className="block h-1 w-full animate-pulse rounded-full bg-accent" />
            </span>
            {`${formatBytes(state.bytes)} so far`}
          </div>
        )}
      </div>
      <Button
        look="quiet"
        square
        aria-label={state.kind === 'saving' ? 'Cancel saving' : 'Close'}
        title={state.kind === 'saving' ? 'Cancel' : 'Close'}
        onClick={onClose}
      >
        <X aria-hidden />
      </Button>
    </div>
  );
}
