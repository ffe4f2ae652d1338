import { FrameCounter } from './frame-counter';
import { makeBodies } from './make-log-lines';
import { postBodies } from './post-bodies';
import { perSecond, ratio, timed } from './report';
import { startBareServer, startStratal } from './server-process';

const READERS = 100;
const LINES_PER_POST = 100;
const POSTS = 30;
const LINES = LINES_PER_POST * POSTS;
const ROUNDS = 5;

/** Delivered lines a second to 100 raw WebSocket readers: Stratal, which stores each line first, against a bare `ws` server. */
export async function benchFanOut(): Promise<void> {
  const stratal = await startStratal();
  const bare = await startBareServer();
  const rates: { stratal: number[]; bare: number[] } = { stratal: [], bare: [] };
  try {
    for (let round = -1; round < ROUNDS; round++) {
      const run = `fan-out-${round}`;
      await postBodies(`${stratal.url}/api/v1/job-runs/${run}/logs`, makeBodies(1, 1), 1);
      const path = `/api/v1/logs/stream/ws?job_run_id=${run}&after=1`;
      const ours = await deliver(stratal.port, path, `${stratal.url}/api/v1/job-runs/${run}/logs`);
      const theirs = await deliver(bare.port, '/', bare.url);
      if (round < 0) continue; // Warm-up.
      rates.stratal.push((LINES * READERS) / ours);
      rates.bare.push((LINES * READERS) / theirs);
    }
  } finally {
    await stratal.stop();
    await bare.stop();
  }
  console.log(
    `## Fan-out to ${READERS} raw WebSocket readers, posts of ${LINES_PER_POST} lines, ${ROUNDS} rounds interleaved\n`,
  );
  console.log('| what | delivered lines/s (median round) | ratio to bare ws |\n|---|---|---|');
  const lines = (values: number[]) => perSecond(values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0, 1);
  console.log(`| Stratal, committed first | ${lines(rates.stratal)} | ${ratio(rates.stratal, rates.bare)} |`);
  console.log(`| bare ws, a send per line and reader | ${lines(rates.bare)} | 1 |\n`);
}

async function deliver(port: number, path: string, postUrl: string): Promise<number> {
  const readers = await Promise.all(Array.from({ length: READERS }, () => FrameCounter.open(port, path)));
  const bodies = makeBodies(POSTS, LINES_PER_POST);
  const seconds = await timed(() =>
    Promise.all([postBodies(postUrl, bodies, 1), ...readers.map((reader) => reader.reach(LINES))]),
  );
  for (const reader of readers) reader.close();
  return seconds;
}
