// Makes the run of the sample job: everything it prints goes through the same command that users run.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const stratal = fileURLToPath(new URL('../../bin/stratal.mjs', import.meta.url));
const build = fileURLToPath(new URL('./build.mjs', import.meta.url));
const child = spawn(
  process.execPath,
  [stratal, 'run', '--name', 'nightly-build', '--triggered-by', 'sample', '--', process.execPath, build],
  { stdio: 'inherit' },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
