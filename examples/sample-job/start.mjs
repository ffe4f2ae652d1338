// The sample job: a nightly build and deployment of a small shop, about a minute long, so that there is something to look at.
// The server runs it on an empty database; by hand: node examples/sample-job/start.mjs (with --fast: in a few seconds).
// Nothing is really built. STRATAL_URL says where the lines go.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const STRATAL = join(import.meta.dirname, '..', '..', 'bin', 'stratal.mjs');
const BUILD = join(import.meta.dirname, 'build.mjs');

const run = ['run', '--name', 'nightly-build', '--triggered-by', 'sample', '--wait', '5'];
const child = spawn(process.execPath, [STRATAL, ...run, '--', process.execPath, BUILD, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1;
});
