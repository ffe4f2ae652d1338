import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { makeBodies } from '@/bench/make-log-lines';
import type { BenchOptions } from '@/bench/options';
import { post } from '@/bench/post-bodies';
import { type ServerProcess, startStratal } from '@/bench/server-process';
import { type Following, ViewerTab } from './viewer-tab';

const LINES_PER_SECOND = 5000;
const POSTS_PER_SECOND = 10;
const LINES_PER_POST = LINES_PER_SECOND / POSTS_PER_SECOND;
const RUN = 'viewer-followed';
const SECONDS = 30;

/** `--rounds` times, a fresh server and browser each, a page that follows 5,000 lines a second for `--seconds`. */
export async function benchFollowing({ rounds = 1, seconds = SECONDS }: BenchOptions): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const server = await startStratal();
    try {
      await followFor(server, seconds);
    } finally {
      await server.stop();
    }
  }
}

/** Beside the same page while nothing comes. */
async function followFor(server: ServerProcess, seconds: number): Promise<void> {
  const url = `${server.url}/api/v1/job-runs/${RUN}/logs`;
  const agent = new Agent({ keepAlive: true });
  const tab = await ViewerTab.open(server.url);
  try {
    const bodies = makeBodies(seconds * POSTS_PER_SECOND + 1, LINES_PER_POST);
    await post(url, bodies[0] ?? Buffer.alloc(0), agent);
    await tab.load(RUN);
    const quiet = await tab.watch(Math.min(10, seconds));
    const watched = tab.watch(seconds);
    const posts: Promise<void>[] = [];
    const start = performance.now();
    for (const [index, body] of bodies.slice(1).entries()) {
      await wait(Math.max(0, start + (index * 1000) / POSTS_PER_SECOND - performance.now()));
      posts.push(post(url, body, agent));
    }
    await Promise.all(posts);
    const rate = (seconds * LINES_PER_SECOND) / ((performance.now() - start) / 1000);
    const behindMs = await tab.waitForLine(bodies.length * LINES_PER_POST);
    print(quiet, await watched, seconds, rate);
    console.log(`The last line was in the page ${behindMs.toFixed(0)} ms after its post was answered.\n`);
  } finally {
    agent.destroy();
    await tab.close();
  }
}

function print(quiet: Following, busy: Following, seconds: number, rate: number): void {
  console.log(`| following | frames | dropped | longest task, ms | tasks over 50 ms |\n|---|---|---|---|---|`);
  const row = (words: string, { frames, dropped, longestTaskMs, longTasks }: Following) =>
    console.log(
      `| ${words} | ${frames} | ${dropped} (${((100 * dropped) / (frames + dropped)).toFixed(1)} %) | ${longestTaskMs === 0 ? 'under 50' : longestTaskMs.toFixed(0)} | ${longTasks} |`,
    );
  row('nothing comes', quiet);
  row(`${Math.round(rate).toLocaleString('en')} lines/s for ${seconds} s (aim: no task over 50 ms)`, busy);
  console.log();
}
