'use client';

import { Check } from 'lucide-react';
import { Checkbox } from 'radix-ui';
import { type ReactNode, useId } from 'react';
import { formatCompact, formatCount } from '@/components/format/quantity';

/** A titled group of the filter's choices. */
export function FilterGroup({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="border-t px-3 py-2.5 first:border-t-0">
      <div className="flex items-baseline justify-between gap-2 pb-1">
        <h2 id={id} className="font-medium text-2xs text-fg-faint">
          {title}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** One choice with a box to tick, and how many lines of the whole run it has. */
export function FilterOption({
  checked,
  onChange,
  count,
  children,
}: {
  checked: boolean;
  onChange: () => void;
  count?: number | undefined;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <div className="-mx-1.5 flex items-center gap-2 rounded px-1.5 hover:bg-hover">
      <Checkbox.Root
        id={id}
        checked={checked}
        onCheckedChange={onChange}
        className="grid size-4 shrink-0 place-items-center rounded border border-edge-strong bg-canvas data-[state=checked]:border-accent data-[state=checked]:bg-accent"
      >
        <Checkbox.Indicator>
          <Check aria-hidden className="size-3 text-fg-inverse" strokeWidth={3} />
        </Checkbox.Indicator>
      </Checkbox.Root>
      <label htmlFor={id} className="flex min-w-0 flex-1 items-center gap-2 py-1 text-13 pointer-coarse:py-2">
        {children}
        {count !== undefined && (
          <span className="ml-auto text-fg-faint text-xs tabular-nums" title={formatCount(count)}>
            {formatCompact(count)}
            <span className="sr-only">{count === 1 ? ' line' : ' lines'}</span>
          </span>
        )}
      </label>
    </div>
  );
}
