import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from './main';

export { main };

/** Whether Node was started on this very file: the bundle, copied to where there is no launcher beside it. */
function isProgram(): boolean {
  const [, program] = process.argv;
  if (program === undefined) return false;
  try {
    return realpathSync(program) === realpathSync(fileURLToPath(import.meta.url));
  } catch {
    return false;
  }
}

/** What is behind `stratal check`, which is there where the server is; without it the command says so. */
async function findCheck(): Promise<string | undefined> {
  const path = join(dirname(fileURLToPath(import.meta.url)), 'check.mjs');
  return existsSync(path) ? path : undefined;
}

if (isProgram()) await main(process.argv.slice(2), { findCheck });
