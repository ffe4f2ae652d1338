import type { VirtualItem, Virtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useLayoutEffect, useRef } from 'react';

/** The element of one row of a virtual list, measured anew for each row that it holds in turn. */
export function MeasuredRow({
  item,
  virtualizer,
  gap,
  children,
}: {
  item: VirtualItem;
  virtualizer: Virtualizer<HTMLDivElement, HTMLDivElement>;
  /** Pixels between it and the row above, where that is not the one before it. */
  gap: number;
  children: ReactNode;
}) {
  const element = useRef<HTMLDivElement>(null);
  const { key } = item;
  /** The row that the element held before. */
  const held = useRef(key);

  useLayoutEffect(() => {
    const node = element.current;
    if (!node) return;
    virtualizer.measureElement(node);
    // A row as high as the last one changes no element's size, so that no observer would tell its own.
    if (held.current !== key) virtualizer.resizeItem(virtualizer.indexFromElement(node), node.offsetHeight);
    held.current = key;
    // The virtualizer keeps an element by the key of its row, and forgets by itself only elements that left the page.
    return () => {
      if (virtualizer.elementsCache.get(key) === node) virtualizer.elementsCache.delete(key);
    };
  }, [key, virtualizer]);

  return (
    <div ref={element} data-index={item.index} style={gap > 0.5 ? { marginTop: gap } : undefined}>
      {children}
    </div>
  );
}
