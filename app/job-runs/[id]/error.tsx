'use client';

import { PageFault } from '@/components/shell/page-fault';

export default function RunError({ error, retry }: { error: Error & { digest?: string }; retry: () => void }) {
  return <PageFault title="This run could not be loaded" error={error} retry={retry} />;
}
