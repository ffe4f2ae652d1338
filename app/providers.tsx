'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import { type ReactNode, useState } from 'react';
import { TipProvider } from '@/components/ui/tip';

/** What the client components of every page share. */
export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(
    () => new QueryClient({ defaultOptions: { queries: { staleTime: 30_000, retry: 2, refetchOnWindowFocus: true } } }),
  );
  return (
    <QueryClientProvider client={client}>
      <NuqsAdapter>
        <TipProvider delayDuration={400}>{children}</TipProvider>
      </NuqsAdapter>
    </QueryClientProvider>
  );
}
