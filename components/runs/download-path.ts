import { API_BASE } from '@/lib/protocol/api';

/** Where a run's log file is; `query` in the API's names, such as `format=raw&inline=1`. */
export function downloadPath(jobRunId: string, query: string): string {
  return `${API_BASE}/logs/job-runs/${encodeURIComponent(jobRunId)}/download?${query}`;
}
