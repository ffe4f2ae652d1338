'use client';

import { PageFault } from '@/components/shell/page-fault';

export default function PageError({ error, retry }: { error: Error & { digest?: string }; retry: () => void }) {
  return <PageFault title="This page could not be loaded" error={error} retry={retry} />;
}
