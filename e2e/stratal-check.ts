import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const LAUNCHER = path.resolve(import.meta.dirname, '..', 'bin', 'stratal.mjs');

export interface CheckResult {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `stratal check` as an operator does, on what these variables name. */
export function runCheck(env: Record<string, string>, ...args: string[]): Promise<CheckResult> {
  return launchCheck(LAUNCHER, env, args);
}

/** The same with the launcher of another installation. */
export async function launchCheck(
  launcher: string,
  env: Record<string, string>,
  args: readonly string[],
): Promise<CheckResult> {
  const child = spawn(process.execPath, [launcher, 'check', ...args], {
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
