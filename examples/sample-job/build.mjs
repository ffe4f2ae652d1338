// The job: its steps in order, each a task of this run, the tests a second time where they fail.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const STRATAL = fileURLToPath(new URL('../../bin/stratal.mjs', import.meta.url));
const run = process.env.STRATAL_JOB_RUN;
if (!run) {
  console.error('Start this with start.mjs: it runs as a job run of Stratal.');
  process.exit(2);
}

/** Runs a step as a task and resolves to its exit code. Its lines are the task's, so they are not repeated here. */
function step(task, attempt = 1) {
  const file = fileURLToPath(new URL(`./steps/${task}.mjs`, import.meta.url));
  const args = [STRATAL, 'run', '--job-run', run, '--task', task, '--', process.execPath, file];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'ignore'],
      env: { ...process.env, ATTEMPT: String(attempt) },
    });
    const forward = () => child.kill('SIGTERM');
    process.once('SIGTERM', forward);
    child.on('exit', (code) => {
      process.off('SIGTERM', forward);
      resolve(code ?? 1);
    });
  });
}

const started = Date.now();
console.log('nightly-build of shop at 8c1f2ab (main)');
for (const task of ['checkout', 'install', 'build', 'test', 'deploy']) {
  let code = await step(task);
  if (code !== 0 && task === 'test') {
    console.error(`\x1b[33mwarning:\x1b[0m ${task} failed with exit code ${code}, trying once more`);
    code = await step(task, 2);
  }
  if (code !== 0) {
    console.error(`\x1b[31m✗ ${task}\x1b[0m failed with exit code ${code}`);
    process.exit(code);
  }
  console.log(`\x1b[32m✓ ${task}\x1b[0m`);
}
console.log(`done in ${Math.round((Date.now() - started) / 1000)} s`);
