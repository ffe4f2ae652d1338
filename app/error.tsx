'use client';

import { TriangleAlert } from 'lucide-react';
import { useEffect } from 'react';
import { Button } from '@/components/ui/button';
import { Notice } from '@/components/ui/notice';

/** What a page shows that failed: the server tells no more than that in production, its log has the cause. */
export default function PageError({ error, retry }: { error: Error & { digest?: string }; retry: () => void }) {
  useEffect(() => {
    console.error(error);
  }, [error]);

  return (
    <Notice as="h1" title="This page could not be loaded" icon={<TriangleAlert aria-hidden />} className="py-24">
      <p className="mb-4">The server or its database did not answer as expected. Try again in a moment.</p>
      <Button onClick={retry}>Try again</Button>
      {error.digest && <p className="mt-4 font-mono text-2xs text-fg-faint">{`Error ${error.digest}`}</p>}
    </Notice>
  );
}
