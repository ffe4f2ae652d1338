import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { soakKills } from './kills';
import { soakProducers } from './producers';
import { soakReaders } from './readers';

/** `npm run soak -- <name>`: long proofs that print a table and exit with 1 where a promise is broken. Needs a build. */
const soak = new Command('soak').description('Long proofs of what Stratal promises. Needs a build.');

soak
  .command('readers')
  .description('readers of every kind on a bad network, while lines are appended and servers killed')
  .option('--seed <n>', 'what happens when', toCount, 1)
  .option('--lines <n>', 'lines appended', toCount, 500_000)
  .option('--readers <n>', 'readers', toCount, 60)
  .option('--cuts <n>', 'connections cut', toCount, 300)
  .option('--kills <n>', 'servers killed', toCount, 3)
  .action(async (options: { seed: number; lines: number; readers: number; cuts: number; kills: number }) => {
    const { rows, violations } = await soakReaders({ ...options, stallMs: 40_000, log: console.log });
    console.table(rows);
    conclude(violations.map(({ promise, who, where, what }) => `promise ${promise}: ${who}, ${where}: ${what}`));
  });

soak
  .command('producers')
  .description(
    'producers that repeat, re-cut and break off, a large body with a bad line, commits that break, a restore',
  )
  .option('--seed <n>', 'what happens when', toCount, 1)
  .option('--lines <n>', 'lines of the producer that repeats', toCount, 100_000)
  .option('--body-lines <n>', 'lines of the large body', toCount, 7_200_000)
  .option('--bad-line <n>', 'the bad one of these', toCount, 7_000_000)
  .action(async (options: { seed: number; lines: number; bodyLines: number; badLine: number }) => {
    const outcomes = await soakProducers(options);
    console.table(
      outcomes.map(({ scenario, lines, answers, broken }) => ({
        scenario,
        lines,
        answers: Object.entries(answers)
          .map(([status, count]) => `${count} × ${status}`)
          .join(', '),
        broken: broken.length,
      })),
    );
    conclude(outcomes.flatMap(({ scenario, broken }) => broken.map((what) => `${scenario}: ${what}`)));
  });

soak
  .command('kills')
  .description('SIGKILL of servers, Postgres and producers at points of ingest, merging and retention')
  .option('--seed <n>', 'what is killed when', toCount, 1)
  .option('--rounds <n>', 'kills', toCount, 24)
  .action(async (options: { seed: number; rounds: number }) => {
    const outcomes = await soakKills(options);
    conclude(
      outcomes.flatMap(({ killed, point, retention, broken }) =>
        broken.map((what) => `${killed} killed (${point}, retention: ${retention}): ${what}`),
      ),
    );
  });

function toCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function conclude(broken: readonly string[]): void {
  for (const line of broken) console.log(line);
  console.log(broken.length === 0 ? 'Every promise is kept.' : `${broken.length} reports of broken promises.`);
  if (broken.length > 0) process.exitCode = 1;
}

if (!existsSync('dist/server.mjs')) {
  console.error('Build first: npm run build');
  process.exit(1);
}
await soak.parseAsync();
