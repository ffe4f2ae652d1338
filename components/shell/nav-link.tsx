'use client';

import Link, { useLinkStatus } from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { classNames } from '@/components/ui/class-names';

/** A link of the top bar; current on its own page, and on those below `also`. */
export function NavLink({ href, also, children }: { href: string; also?: string; children: ReactNode }) {
  const path = usePathname();
  const isCurrent = path === href || (also !== undefined && path.startsWith(`${also}/`));
  return (
    <Link
      href={href}
      prefetch={false}
      aria-current={isCurrent ? 'page' : undefined}
      className={classNames(
        'relative rounded-md px-2.5 py-1 text-13 transition-colors',
        isCurrent ? 'bg-hover font-medium text-fg' : 'text-fg-muted hover:bg-hover hover:text-fg',
      )}
    >
      {children}
      <Pending />
    </Link>
  );
}

/** A line under the link while its page is on the way; it appears late, so that quick pages do not flicker. */
function Pending() {
  const { pending } = useLinkStatus();
  return (
    <span
      aria-hidden
      className={classNames(
        'absolute inset-x-2.5 -bottom-px h-0.5 rounded bg-accent opacity-0 transition-opacity',
        pending && 'animate-pulse opacity-100 delay-150',
      )}
    />
  );
}
