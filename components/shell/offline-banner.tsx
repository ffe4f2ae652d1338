'use client';

import { WifiOff } from 'lucide-react';
import { useSyncExternalStore } from 'react';

function subscribe(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

/** Tells while the browser has no network. The region is always there, so that screen readers announce what comes into it. */
export function OfflineBanner() {
  const isOffline = useSyncExternalStore(
    subscribe,
    () => !navigator.onLine,
    () => false,
  );
  return (
    <div role="status" aria-label="Network" data-offline={isOffline} className="shrink-0">
      {isOffline && (
        <p className="flex min-h-8 items-center justify-center gap-2 border-b bg-warning-soft px-3 py-1.5 text-13 text-warning">
          <WifiOff aria-hidden className="size-3.5 shrink-0" />
          You are offline. Nothing is lost: jobs are recorded as before, and this page catches up by itself.
        </p>
      )}
    </div>
  );
}
