/**
 * Calls `onWake` when waiting is of no use any more: the network is back, the page is seen again or was restored from the
 * browser's cache. Nothing outside browsers. Returns how to stop listening.
 */
export function onWakeSignal(onWake: () => void): () => void {
  if (typeof addEventListener !== 'function') return () => undefined;
  const stop = new AbortController();
  const { signal } = stop;
  addEventListener('online', onWake, { signal });
  addEventListener('pageshow', onWake, { signal });
  if (typeof document !== 'undefined') {
    const onVisible = (): void => {
      if (document.visibilityState === 'visible') onWake();
    };
    document.addEventListener('visibilitychange', onVisible, { signal });
  }
  return () => stop.abort();
}

/** False only where the browser is sure to have no network. */
export function isOnline(): boolean {
  return typeof navigator === 'undefined' || navigator.onLine !== false;
}
