import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '@/lib/client/backoff';
import { ApiError, StreamError } from '@/lib/client/client-errors';
import { closingOfError } from '@/lib/client/closing';
import type { Closing } from '@/lib/client/transport';
import type { ResetEvent } from '@/lib/protocol/stream-events';
import type { ConnectionNews } from './connection-news';

/** How long a server is waited for that goes away. */
export interface Patience {
  /** Attempts in a row. */
  attemptsMax: number;
  /** Milliseconds that the server can demand to wait for; where it demands more, its answer is the end. */
  demandMaxMs: number;
}

/** Reads until it succeeds, with pauses between, while the server is away or stops. Throws what else goes wrong, and what did when patience is at its end. */
export async function retrying<T>(
  read: (tries: number) => Promise<T>,
  patience: Patience,
  news: ConnectionNews,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      const result = await read(tries);
      news.back();
      return result;
    } catch (error) {
      const closing = closingOf(error);
      if (closing?.outcome !== 'lost' || closing.error === undefined || tries >= patience.attemptsMax) throw error;
      if ((closing.retryAfterMs ?? 0) > patience.demandMaxMs) throw error;
      news.lost(closing.error);
      await sleep(backoffMs(tries, Math.random(), closing.retryAfterMs));
    }
  }
}

/** Where a failed read says that its lines are gone: what is in their place. */
export function resetOf(error: unknown): ResetEvent | undefined {
  const closing = closingOf(error);
  return closing?.outcome === 'reset' ? closing.event : undefined;
}

/** What a failed read means; undefined where asking again is of no use. */
function closingOf(error: unknown): Closing | undefined {
  if (error instanceof ApiError) return closingOfError(error);
  if (error instanceof StreamError && error.kind === 'connection') return { outcome: 'lost', error };
  return undefined;
}
