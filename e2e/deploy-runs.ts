import { createRun, finishRun, postLines } from './rest-client';

/** Seconds after the start of a run. */
type Seconds = number;

interface TaskStory {
  id: string;
  name: string;
  from: Seconds;
  to: Seconds;
  status: 'completed' | 'failed';
  /** Before an error line, where the task failed. */
  lines: number;
}

const START_MS = Date.parse('2026-01-31T10:00:00.000Z');

const TASKS: readonly TaskStory[] = [
  { id: 'checkout-1', name: 'checkout', from: 0, to: 20, status: 'completed', lines: 5 },
  { id: 'build-1', name: 'build', from: 20, to: 60, status: 'failed', lines: 6 },
  { id: 'build-2', name: 'build', from: 60, to: 100, status: 'completed', lines: 8 },
  { id: 'tests-1', name: 'browser tests', from: 100, to: 180, status: 'failed', lines: 10 },
];

export const FAILED_RUN = 'deploy-2';
/** The number of its first error line of a task that failed for good. */
export const FIRST_ERROR = 32;

/**
 * Three runs of one job: one that went well, one that failed with an attempt that was superseded, and one that goes on. Line 1
 * of each is the server's.
 */
export async function makeDeployRuns(url: string): Promise<void> {
  await createRun(url, 'deploy-1', { job_name: 'deploy', started_at: at(-3600) });
  await finishRun(url, 'deploy-1', { exit_code: 0, finished_at: at(-3500) });
  await createRun(url, FAILED_RUN, {
    job_name: 'deploy',
    started_at: at(0),
    triggered_by: 'push by ada',
    metadata: {
      commit: 'https://git.example/shop/commit/9f2c1e',
      plan: Array.from({ length: 60 }, (_, step) => `step ${step}`).join('\n'),
      note: 'javascript:alert(1)',
    },
  });
  for (const task of TASKS) await playTask(url, task);
  await finishRun(url, FAILED_RUN, { status: 'failed', exit_code: 2, finished_at: at(200) });
  await createRun(url, 'deploy-3', { job_name: 'deploy', started_at: at(3600) });
}

async function playTask(url: string, { id, name, from, to, status, lines }: TaskStory): Promise<void> {
  await send('POST', `${url}/api/v1/task-runs`, {
    id,
    job_run_id: FAILED_RUN,
    task_name: name,
    started_at: at(from),
  });
  const output = Array.from({ length: lines }, (_, index) => ({
    message: `${name} step ${index + 1}`,
    task_name: name,
    ...(index === 0 && { level: 'debug' }),
  }));
  const error = { message: `\u001b[31mError:\u001b[0m ${id} broke`, level: 'error', stream: 'stderr', task_name: name };
  await postLines(url, FAILED_RUN, status === 'failed' ? [...output, error] : output);
  await send('PATCH', `${url}/api/v1/task-runs/${id}`, {
    status,
    exit_code: status === 'failed' ? 1 : 0,
    finished_at: at(to),
  });
}

function at(seconds: Seconds): string {
  return new Date(START_MS + seconds * 1000).toISOString();
}

async function send(method: string, url: string, body: unknown): Promise<void> {
  const response = await fetch(url, {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
}
