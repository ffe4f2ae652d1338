import { seeded } from '@/e2e/seeded';
import type { ScenarioOutcome } from './outcome';
import { sendBadLineFarIn } from './producers-bad-line';
import { breakCommits } from './producers-commit';
import { repeatBatches } from './producers-repeat';
import { comeBackAfterRestore } from './producers-restore';
import { ServerPair } from './server-pair';
import { type CopiedStore, openDumpedStore, openFolderStore } from './store-copies';

export interface ProducersOptions {
  seed: number;
  /** Lines of the producer that repeats and re-cuts. */
  lines: number;
  /** Lines of the large body, and which of them is bad, from 1. */
  bodyLines: number;
  badLine: number;
}

/** Producers as they are in a bad hour. Each scenario says what it found; none stops the others. */
export async function soakProducers(options: ProducersOptions): Promise<ScenarioOutcome[]> {
  const { seed, lines, bodyLines, badLine } = options;
  const random = seeded(seed);
  const pair = await ServerPair.start();
  try {
    return [
      await repeatBatches(pair, random, lines),
      await sendBadLineFarIn(pair.handler, random, { lines: bodyLines, badLine }),
      await breakCommits(pair, ['terminate', 'SIGKILL']),
      await restore('data folder', openFolderStore, lines),
      await restore('dump', openDumpedStore, lines),
    ];
  } finally {
    await pair.close();
  }
}

async function restore(
  what: string,
  open: () => Promise<CopiedStore | undefined>,
  lines: number,
): Promise<ScenarioOutcome> {
  const store = await open();
  if (!store) {
    return { scenario: `${what} put back: skipped, no Postgres here has pg_dump`, lines: 0, answers: {}, broken: [] };
  }
  try {
    const outcome = await comeBackAfterRestore(store, Math.min(lines, 2000));
    return { ...outcome, scenario: `${what} put back` };
  } finally {
    await store.close();
  }
}
