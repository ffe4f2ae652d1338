'use client';

import { QueryClient, QueryClientContext } from '@tanstack/react-query';
import { useContext, useState } from 'react';

/** The page's query client, or one of the viewer's own: a viewer needs nothing around it. */
export function useViewerQueries(): QueryClient {
  const around = useContext(QueryClientContext);
  const [own] = useState(() => around ?? new QueryClient());
  return around ?? own;
}
