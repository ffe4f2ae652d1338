import { spawn } from 'node:child_process';
import { constants } from 'node:os';

export interface CheckOptions {
  json?: boolean;
  newEpoch?: boolean;
  force?: boolean;
}

/** Finds a program that only the server's installation has, building it from its sources where that is due. */
export type FindProgram = () => Promise<string | undefined>;

const CANNOT = 2;

/** `stratal check`: runs the program that knows the store, which this command does not, and returns its exit code. */
export async function runCheck(options: CheckOptions, findCheck: FindProgram): Promise<number> {
  const program = await findCheck();
  if (program === undefined) {
    console.error('stratal: check needs the server’s own installation: run it where `npm start` runs the server.');
    return CANNOT;
  }
  const args: string[] = [];
  if (options.json) args.push('--json');
  if (options.newEpoch) args.push('--new-epoch');
  if (options.force) args.push('--force');
  return run(program, args);
}

function run(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
  // The terminal's Ctrl-C has reached it; it may have a Postgres to stop first.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
