'use client';

import { useEffect, useLayoutEffect, useRef } from 'react';

/**
 * The names above the columns, outside the scrolling list. It takes its place from the first table row in the list, whatever stands left
 * of it, and goes along when the list is scrolled sideways.
 */
export function ColumnHead({ columns }: { columns: readonly string[] }) {
  const head = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => place(head.current));
  useEffect(() => {
    const element = head.current;
    const list = listBelow(element);
    if (!element || !list) return;
    const follow = () => place(element);
    const observer = new ResizeObserver(follow);
    observer.observe(list);
    // Rows come into the page after the list itself, and when the stream brings them.
    const mutations = new MutationObserver(follow);
    mutations.observe(list, { childList: true, subtree: true });
    list.addEventListener('scroll', follow, { passive: true });
    return () => {
      observer.disconnect();
      mutations.disconnect();
      list.removeEventListener('scroll', follow);
    };
  }, []);

  return (
    <div ref={head} className="log-columns" aria-hidden>
      <div className="log-cells">
        {['message', ...columns].map((name, index) => (
          <span key={index === 0 ? '' : `.${name}`} title={name} className="truncate">
            {name}
          </span>
        ))}
      </div>
    </div>
  );
}

function listBelow(head: HTMLElement | null): HTMLElement | null {
  return head?.parentElement?.querySelector<HTMLElement>('.log-scroller') ?? null;
}

function place(head: HTMLElement | null): void {
  const row = listBelow(head)?.querySelector('.log-cells')?.getBoundingClientRect();
  const cells = head?.firstElementChild;
  if (!head || !row || !(cells instanceof HTMLElement)) return;
  cells.style.marginLeft = `${row.left - head.getBoundingClientRect().left}px`;
  cells.style.width = `${row.width}px`;
}
