import { execFile } from 'node:child_process';
import type { ServiceUser } from './service-user';

/**
 * Postgres' programs get this environment alone, so that their messages are English, whatever the operator's locale.
 * (NODE_ENV is there for Next's types, which demand it of every environment.)
 */
export const PROGRAM_ENVIRONMENT = {
  LC_ALL: 'C',
  PATH: '/usr/local/bin:/usr/bin:/bin',
  NODE_ENV: 'production',
} as const;

export interface ProgramResult {
  ok: boolean;
  stdout: string;
  /** What it wrote to stderr, or why it could not be started. */
  stderr: string;
}

/** Runs a program of the system or of the Postgres installation to its end; never throws. */
export function runProgram(path: string, args: readonly string[], user?: ServiceUser): Promise<ProgramResult> {
  return new Promise((resolve) => {
    try {
      execFile(path, args, { ...user, cwd: '/', env: PROGRAM_ENVIRONMENT }, (error, stdout, stderr) => {
        resolve({ ok: error === null, stdout, stderr: stderr.trim() || (error?.message ?? '') });
      });
    } catch (error) {
      // Node hands only the usual reasons to the callback; what a sandbox refuses is thrown.
      resolve({ ok: false, stdout: '', stderr: error instanceof Error ? error.message : String(error) });
    }
  });
}
