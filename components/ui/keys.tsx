'use client';

import { classNames } from './class-names';
import { keyCaps } from './key-caps';
import { useIsMac } from './platform';

/** A chord as key caps, such as ⌘ K; `Mod` is Cmd on Apple's systems and Ctrl elsewhere. */
export function Keys({ chord, className }: { chord: string; className?: string }) {
  const caps = keyCaps(chord, useIsMac());
  return (
    <span className={classNames('inline-flex shrink-0 items-center gap-1', className)}>
      {caps.map((cap) => (
        <kbd
          key={cap}
          className="inline-flex h-5 min-w-5 items-center justify-center rounded border border-edge-strong bg-subtle px-1 font-sans text-2xs text-fg-muted"
        >
          {cap}
        </kbd>
      ))}
    </span>
  );
}
