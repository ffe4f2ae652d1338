import { createRun, createTask, finishTask, postLines } from './rest-client';

/** Lines of a run of `fillRetriedRun`, whose first is the server's. */
export const RETRIED_LINES = 3001;
/** The first line of level error, of the attempt that was retried. */
export const SUPERSEDED_ERROR = 41;
/** The first line of level error of the attempt that failed for good. */
export const COUNTING_ERROR = 2041;

const LINES_PER_ATTEMPT = 1500;

/** A running run of a task whose two attempts have failed, each with an error among its lines. */
export async function fillRetriedRun(url: string, id: string, fields: Record<string, unknown> = {}): Promise<void> {
  await createRun(url, id, fields);
  let line = 1;
  for (const attempt of [1, 2]) {
    await createTask(url, id, `${id}-${attempt}`, 'deploy');
    const lines = Array.from({ length: LINES_PER_ATTEMPT }, () => {
      line += 1;
      const isError = line === SUPERSEDED_ERROR || line === COUNTING_ERROR;
      return { message: `line ${line}`, task_name: 'deploy', ...(isError && { level: 'error' }) };
    });
    await postLines(url, id, lines);
    await finishTask(url, `${id}-${attempt}`, { status: 'failed', exit_code: 1 });
  }
}
