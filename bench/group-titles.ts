import { findMarks } from '@/lib/store/group-marks';
import { groupMarker } from '@/lib/terminal/groups';
import type { BenchOptions } from './options';
import { ratio, timed } from './report';

/** Of 128 KiB: what a title is made of that takes the longest to be told from its text. */
const REPEATED = ['\x07x', '\x1b[m'];
const STARTS = ['::group::', '--- ', 'section_start:1:s\r'];
const LONG_CHARS = 2 ** 17;
/** As much of a title as is kept at most. */
const SHORT_CHARS = 2000;
const LINES = 500;
const ROUNDS = 7;

/** The cost of a group's line whose title is 128 KiB long, as the page and the store read it, of one whose title is 2,000 characters. */
export async function benchGroupTitles({ rounds = ROUNDS }: BenchOptions): Promise<void> {
  console.log('| a title of 128 KiB, of one of 2,000 characters | page | store |\n|---|---|---|');
  for (const start of STARTS)
    for (const repeated of REPEATED) {
      const line = (chars: number) => start + repeated.repeat(chars / repeated.length);
      const compare = async (read: (text: string) => unknown) => {
        const [long, short] = [line(LONG_CHARS), line(SHORT_CHARS)];
        const seconds = { long: [] as number[], short: [] as number[] };
        for (let round = 0; round < rounds; round++) {
          seconds.long.push(await timed(async () => readLines(read, long)));
          seconds.short.push(await timed(async () => readLines(read, short)));
        }
        return ratio(seconds.long, seconds.short);
      };
      const page = await compare(groupMarker);
      const store = await compare((text) => findMarks([text], [0]));
      console.log(`| \`${JSON.stringify(start + repeated)}\` … | ${page} | ${store} |`);
    }
  console.log();
}

function readLines(read: (text: string) => unknown, text: string): void {
  for (let count = 0; count < LINES; count++) read(text);
}
