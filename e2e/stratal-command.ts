import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const LAUNCHER = path.resolve(import.meta.dirname, '..', 'bin', 'stratal.mjs');

export interface CommandResult {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a `stratal` command to its end; of another installation where its launcher is given. */
export async function runStratal(
  args: readonly string[],
  env: Record<string, string>,
  launcher = LAUNCHER,
): Promise<CommandResult> {
  const child = spawn(process.execPath, [launcher, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  await once(child, 'close');
  return { exitCode: child.exitCode, stdout, stderr };
}
