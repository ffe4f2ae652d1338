import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { makeBodies } from './make-log-lines';
import { postBodies } from './post-bodies';
import { quantile } from './report';
import type { ServerProcess } from './server-process';

/** Milliseconds from the begin of a post to its line at a reader, durable before it is sent. */
export interface Live {
  p50: number;
  p99: number;
}

const LINES = 400;
const PAUSE_MS = 5;

/** The delay of single lines to one raw WebSocket reader. */
export async function liveDelay(server: ServerProcess, run: string): Promise<Live> {
  const url = `${server.url}/api/v1/job-runs/${run}/logs`;
  await postBodies(url, makeBodies(1, 1), 1);
  const reader = new WebSocket(`ws://localhost:${server.port}/api/v1/logs/stream/ws?job_run_id=${run}&after=1`);
  await once(reader, 'open');
  const delays: number[] = [];
  for (let line = 1; line <= LINES; line++) {
    const start = process.hrtime.bigint();
    await Promise.all([postBodies(url, makeBodies(1, 1), 1), once(reader, 'message')]);
    delays.push(Number(process.hrtime.bigint() - start) / 1e6);
    await wait(PAUSE_MS);
  }
  reader.terminate();
  delays.sort((a, b) => a - b);
  return { p50: quantile(delays, 0.5), p99: quantile(delays, 0.99) };
}
