'use client';

import { type ReactNode, useState } from 'react';
import { formatCount } from '@/components/format/quantity';

/** The first ones of a list that anybody may have made very long, and below it a button for all of them. */
export function useFirst<Item>(
  items: readonly Item[],
  count: number,
  name: string,
): { shown: readonly Item[]; more: ReactNode } {
  const [isWhole, setWhole] = useState(false);
  if (isWhole || items.length <= count) return { shown: items, more: null };
  const more = (
    <button
      type="button"
      onClick={() => setWhole(true)}
      className="mt-1 w-full rounded-md px-2 py-1.5 text-left text-accent text-xs hover:bg-hover"
    >
      {`Show all ${formatCount(items.length)} ${name}`}
    </button>
  );
  return { shown: items.slice(0, count), more };
}
