import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandExit, unstartable } from './command-process';

/** Looks for a command as execvp(3) does; undefined where it can be started, else why not. */
export function whyUnstartable(command: string, searchPath: string | undefined): CommandExit | undefined {
  const paths = command.includes('/')
    ? [command]
    : (searchPath ?? '/usr/local/bin:/usr/bin:/bin').split(':').map((folder) => join(folder || '.', command));
  let failure: NodeJS.ErrnoException = Object.assign(new Error('not found'), { code: 'ENOENT' });
  for (const path of paths) {
    const problem = executionProblem(path);
    if (!problem) return undefined;
    if (problem.code !== 'ENOENT' && problem.code !== 'ENOTDIR') failure = problem;
  }
  return unstartable(command, failure);
}

function executionProblem(path: string): NodeJS.ErrnoException | undefined {
  try {
    if (statSync(path).isDirectory()) return Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
