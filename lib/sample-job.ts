import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { processEnvironment } from './config/server';
import type { Runtime } from './runtime';

/**
 * Runs the sample job where the store has no run yet, so that the first page is alive. Returns how to stop it. A sample that cannot start
 * is told in the log and does no harm.
 */
export async function startSampleJob(runtime: Runtime, url: string): Promise<() => void> {
  const script = findScript();
  const { runs } = await runtime.store.listRuns({ jobs: 'all', limit: 1 });
  if (runs.length > 0 || script === undefined) return () => {};
  const child = spawn(process.execPath, [script], {
    stdio: 'ignore',
    env: { ...processEnvironment(), STRATAL_URL: url },
  });
  let isStopped = false;
  child.on('error', (error) => runtime.logger.warn({ err: error }, 'the sample job did not start'));
  child.on('exit', (code, signal) => {
    if (code !== 0 && !isStopped) runtime.logger.warn({ code, signal }, 'the sample job ended before its time');
  });
  return () => {
    isStopped = true;
    child.kill('SIGTERM');
  };
}

function findScript(): string | undefined {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const script = path.join(folder, 'examples', 'sample-job', 'start.mjs');
    if (existsSync(script)) return script;
    const parent = path.dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}
