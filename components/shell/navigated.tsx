'use client';

import { type ReactNode, Suspense, useState } from 'react';
import { useIsHydrated } from '@/components/ui/now';

/**
 * Shows `skeleton` until the content is there, on the way from another page alone. A page that is opened by its address is
 * answered whole: it can be read without JavaScript, and its status tells whether there is such a page.
 */
export function Navigated({ skeleton, children }: { skeleton: ReactNode; children: ReactNode }) {
  const isHydrated = useIsHydrated();
  // As it was at first: taking a boundary away later would render the page anew.
  const [isDocument] = useState(!isHydrated);
  return isDocument ? children : <Suspense fallback={skeleton}>{children}</Suspense>;
}
