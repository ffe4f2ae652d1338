// The job's driver, as a shell script would be: each step is a task of the run that `stratal run` around us has made and
// told us in STRATAL_JOB_RUN. A failed unit test is tried once more, as the next attempt of its task.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { bold, green, pause, red } from './terminal.mjs';

const STRATAL = join(import.meta.dirname, '..', '..', 'bin', 'stratal.mjs');
const jobRun = process.env.STRATAL_JOB_RUN;
if (!jobRun) {
  console.error('Start this with: node examples/sample-job/start.mjs');
  process.exit(2);
}

let current = [];

/** Runs one step as a task; resolves to its exit code. */
function step(task, ...args) {
  const file = join(import.meta.dirname, `step-${task}.mjs`);
  const command = [process.execPath, file, ...args, ...process.argv.slice(2)];
  const child = spawn(process.execPath, [STRATAL, 'run', '--job-run', jobRun, '--task', task, '--', ...command], {
    stdio: 'inherit',
  });
  current.push(child);
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const child of current) child.kill(signal);
    console.error(red(`build stopped by ${signal}`));
    process.exit(130);
  });
}

async function mustPass(...tasks) {
  current = [];
  const codes = await Promise.all(tasks.map((task) => step(task)));
  const failed = tasks.filter((_, index) => codes[index] !== 0);
  if (failed.length === 0) return;
  console.error(red(`✗ ${failed.join(' and ')} failed`));
  process.exit(1);
}

const startedAt = Date.now();
console.log(bold('Nightly build of corner-shop, branch main'));
await mustPass('checkout');
await mustPass('install');
const lint = step('lint');
let attempt = 1;
while ((await step('unit-tests', String(attempt))) !== 0) {
  attempt += 1;
  if (attempt > 2) process.exit(1);
  console.error(red('✗ unit-tests failed; 1 retry left'));
  await pause(800);
}
if ((await lint) !== 0) process.exit(1);
await mustPass('image');
await mustPass('migrate');
await mustPass('deploy');
await mustPass('smoke-tests');
console.log(green(`✓ corner-shop 4.18.0 is live, ${Math.round((Date.now() - startedAt) / 1000)} s after the start`));
