import type { Feed } from '@/lib/feed/feed';
import type { RunHead } from '@/lib/store/store';

/** Resolves when the run has a line after `line`, or it ended, was deleted, or the signal aborts: long polling's wait. */
export function waitForLine(feed: Feed, head: RunHead, line: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      stop();
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onAbort = () => finish(resolve);
    const look = async () => {
      const now = await feed.store.runHeadByKey(head.key);
      if (!now || now.lastLine > line || now.end !== undefined) finish(resolve);
    };
    const stop = feed.onRunsChanged((keys) => {
      if (keys.has(head.key)) finish(resolve);
    });
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) return finish(resolve);
    // What came between the caller's read and our listening.
    look().catch((error: unknown) => finish(() => reject(error)));
  });
}
