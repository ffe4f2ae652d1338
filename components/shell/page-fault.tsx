'use client';

import { TriangleAlert } from 'lucide-react';
import Link from 'next/link';
import { useEffect, useTransition } from 'react';
import { Button, buttonClass } from '@/components/ui/button';
import { Notice } from '@/components/ui/notice';

/** What stands in place of a page that failed. The server tells no cause in production; its log has it, under the digest. */
export function PageFault({
  title,
  error,
  retry,
}: {
  title: string;
  error: Error & { digest?: string };
  retry: () => void;
}) {
  const [isTrying, startTransition] = useTransition();
  useEffect(() => {
    console.error(error);
  }, [error]);

  return (
    <Notice as="h1" title={title} icon={<TriangleAlert aria-hidden />} className="py-24">
      <p className="mb-4">
        The server or its database did not answer as expected. Nothing that was recorded is lost; try again in a moment.
      </p>
      <div className="flex justify-center gap-2">
        <Button look="strong" disabled={isTrying} onClick={() => startTransition(retry)}>
          {isTrying ? 'Trying…' : 'Try again'}
        </Button>
        <Link href="/" prefetch={false} className={buttonClass()}>
          All runs
        </Link>
      </div>
      {error.digest && <p className="mt-4 font-mono text-2xs text-fg-faint">{`Error ${error.digest}`}</p>}
    </Notice>
  );
}
