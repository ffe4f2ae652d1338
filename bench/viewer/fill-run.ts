import { endRun } from '@/bench/end-run';
import { makeBodies } from '@/bench/make-log-lines';
import { postBodies } from '@/bench/post-bodies';
import type { ServerProcess } from '@/bench/server-process';

const LINES_PER_POST = 2000;
const POSTS_AT_ONCE = 250;
const IN_FLIGHT = 4;

/** In `RARE_LINES` lines of a run, evenly spread, and in no other. */
export const RARE_WORD = 'zyzzyva';
export const RARE_LINES = 10;

/** Makes an ended run of so many lines over HTTP, `RARE_LINES` of them with the rare word. */
export async function fillRun(server: ServerProcess, run: string, lines: number): Promise<void> {
  const every = Math.ceil(lines / RARE_LINES);
  const extra = (index: number) => (index % every === every >> 1 ? ` ${RARE_WORD}` : '');
  const url = `${server.url}/api/v1/job-runs/${run}/logs`;
  const size = Math.min(LINES_PER_POST, lines);
  for (let line = 0; line < lines; line += POSTS_AT_ONCE * size) {
    const posts = Math.min(POSTS_AT_ONCE, Math.ceil((lines - line) / size));
    await postBodies(url, makeBodies(posts, size, { firstIndex: line, extra }), IN_FLIGHT);
  }
  await endRun(server, run);
}
