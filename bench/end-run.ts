import type { ServerProcess } from './server-process';

/** Finishes a run, which makes its last chunks merge. */
export async function endRun(server: ServerProcess, run: string): Promise<void> {
  const answer = await fetch(`${server.url}/api/v1/job-runs/${run}`, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    body: '{"status":"completed"}',
  });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
}
