import { resetSchema } from '@/lib/protocol/stream-events';
import type { ApiError } from './client-errors';
import type { Closing } from './transport';

/** What a server's error answer to a subscription means for the stream. */
export function closingOfError(error: ApiError): Closing {
  if (error.status === 410) {
    const reset = resetSchema.safeParse(error.problem);
    if (reset.success) return { outcome: 'reset', event: reset.data };
  }
  if (!error.temporary) return { outcome: 'refused', error };
  return { outcome: 'lost', error, ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }) };
}
