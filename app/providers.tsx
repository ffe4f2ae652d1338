'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import { type ReactNode, useState } from 'react';
import { RenderedAt } from '@/components/ui/rendered-at';

/** What the client components of every page share. */
export function Providers({ renderedAt, children }: { renderedAt: number; children: ReactNode }) {
  const [client] = useState(
    () => new QueryClient({ defaultOptions: { queries: { staleTime: 30_000, retry: 2, refetchOnWindowFocus: true } } }),
  );
  return (
    <QueryClientProvider client={client}>
      <RenderedAt at={renderedAt}>
        <NuqsAdapter>{children}</NuqsAdapter>
      </RenderedAt>
    </QueryClientProvider>
  );
}
