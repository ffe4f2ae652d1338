import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');

export interface StartAttempt {
  /** Null where the server had to be killed, because it did start. */
  exitCode: number | null;
  output: string;
}

/** Starts the built server and waits for its end; one that starts after all is killed. */
export async function attemptStart(env: Record<string, string>): Promise<StartAttempt> {
  const child = spawn(process.execPath, ['dist/server.mjs'], {
    cwd: ROOT,
    env: {
      ...process.env,
      NODE_ENV: 'production',
      STRATAL_SAMPLE: 'off',
      STRATAL_DATA_DIR: '/nonexistent/stratal',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const read = (data: Buffer) => {
    output += data.toString('utf8');
    if (output.includes('Stratal is ready')) child.kill('SIGKILL');
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  await once(child, 'close');
  return { exitCode: child.exitCode, output };
}
