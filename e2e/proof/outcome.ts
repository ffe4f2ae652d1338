import type { ProofProducer } from './proof-producer';
import type { RunPlace } from './raw-reader';
import { readStoredRuns } from './store-pages';
import type { ReaderRecord } from './transcript';
import { checkTranscripts } from './transcript-check';

/** What became of one scenario of producers; nothing in `broken` where all promises were kept. */
export interface ScenarioOutcome {
  scenario: string;
  lines: number;
  /** How often each status was answered; `none`: the connection broke first. */
  answers: Record<string, number>;
  broken: string[];
}

/** Reads what is stored of the runs and compares it with what the producers were told and the readers saw. */
export async function judge(
  url: string,
  runs: readonly RunPlace[],
  producers: readonly ProofProducer[],
  readers: readonly ReaderRecord[] = [],
): Promise<string[]> {
  const stored = await readStoredRuns({
    url,
    runIds: runs.map(({ id }) => id),
    producers: producers.map(({ record }) => record.name),
    filters: [],
  });
  const violations = checkTranscripts({ runs: stored, producers: producers.map(({ record }) => record), readers });
  return violations.map(({ promise, who, where, what }) => `promise ${promise}: ${who}, ${where}: ${what}`);
}

/** Counts answers by their status. */
export class AnswerCount {
  readonly counts: Record<string, number> = {};

  add<T extends { status: number } | undefined>(answer: T): T {
    const status = answer?.status ?? 'none';
    this.counts[status] = (this.counts[status] ?? 0) + 1;
    return answer;
  }
}
