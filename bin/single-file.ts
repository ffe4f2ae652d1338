import { realpathSync } from 'node:fs';
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

// `stratal check` needs the server's own installation, and says so.
if (isProgram()) await main(process.argv.slice(2), { findCheck: async () => undefined });
