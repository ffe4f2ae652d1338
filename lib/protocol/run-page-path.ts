/** Where a run's page is on its server, without the origin. */
export function runPagePath(jobRunId: string): string {
  return `/job-runs/${encodeURIComponent(jobRunId)}`;
}
