import { apiUrl } from './base-url';
import type { TransportStart, TransportTarget } from './transport';

/** The address of a stream. The cursor goes by `after`, also on SSE: a header of ours would cost a preflight. */
export function streamUrl(endpoint: 'sse' | 'ws', target: TransportTarget, start: TransportStart): string {
  return apiUrl(target.baseUrl, `/logs/stream/${endpoint}`, {
    job_run_id: target.jobRunId,
    after: start.after,
    tail: start.tail,
    partial: target.partial && endpoint === 'sse' ? 1 : undefined,
    ...target.filter,
  });
}

/** The same address for a WebSocket. */
export function webSocketUrl(target: TransportTarget, start: TransportStart): string {
  return streamUrl('ws', target, start).replace(/^http/, 'ws');
}
