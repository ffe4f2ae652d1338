import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

/** sched(7). */
const SCHED_OTHER = 0;
const SCHED_IDLE = 5;

/** Fields 19 and 41 of proc_pid_stat(5). */
function scheduling(folder: string): { niceness: number; policy: number } {
  const stat = readFileSync(`/proc/${folder}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { niceness: Number(fields[16]), policy: Number(fields[38]) };
}

function hasChrt(): boolean {
  try {
    execFileSync('chrt', ['--max'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const skip = platform() === 'linux' && hasChrt() ? false : 'needs Linux and chrt (util-linux)';

/** Where the kernel lists a new thread that called `yieldProcessor`. */
async function yieldingThread(isIdle: boolean): Promise<{ folder: string; worker: Worker }> {
  const entry = new URL('./yield-processor.ts', import.meta.url).href;
  const source = `
    const { parentPort } = require('node:worker_threads');
    const { readlinkSync } = require('node:fs');
    import('tsx/esm/api').then(async (tsx) => {
      tsx.register();
      const { yieldProcessor } = await import(${JSON.stringify(entry)});
      await yieldProcessor(${isIdle});
      parentPort.postMessage(readlinkSync('/proc/thread-self'));
      parentPort.on('message', () => {});
    });`;
  const worker = new Worker(source, { eval: true });
  const [folder] = await once(worker, 'message');
  return { folder, worker };
}

test('the thread that yields runs where a processor is idle, and the one that started it goes on as before', {
  skip,
}, async (context) => {
  const { folder, worker } = await yieldingThread(true);
  context.after(() => worker.terminate());
  assert.deepEqual(scheduling(folder), { niceness: 10, policy: SCHED_IDLE });
  assert.equal(scheduling('thread-self').policy, SCHED_OTHER);
});

test('one that is not to wait for ever has a low priority too', { skip }, async (context) => {
  const { folder, worker } = await yieldingThread(false);
  context.after(() => worker.terminate());
  assert.deepEqual(scheduling(folder), { niceness: 10, policy: SCHED_OTHER });
});
