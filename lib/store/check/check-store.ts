import { z } from 'zod';
import type { Sql } from '@/lib/store/database';
import { checkJournal } from './check-journal';
import { checkRun } from './check-run';
import { checkWhole } from './check-whole';
import { type Finding, isNote } from './finding';

const RUNS_PER_READ = 1000;

export interface CheckSummary {
  runs: number;
  lines: number;
  chunks: number;
  differences: number;
  /** Findings that are no differences. */
  notes: number;
}

/**
 * Compares text, chunks, facets, counters, journal and producers of a store. Each run is read in a snapshot of its own, chunk by chunk, so
 * that this is right, and takes little memory, while servers append, merge and delete. Throws where the signal is aborted.
 */
export async function checkStore(
  sql: Sql,
  onFinding: (finding: Finding) => void,
  signal: AbortSignal,
): Promise<CheckSummary> {
  const summary: CheckSummary = { runs: 0, lines: 0, chunks: 0, differences: 0, notes: 0 };
  const report = (finding: Finding) => {
    if (isNote(finding)) summary.notes += 1;
    else summary.differences += 1;
    onFinding(finding);
  };
  for (let after = 0; ; ) {
    const rows = await sql`select key from job_runs where key > ${after} order by key limit ${RUNS_PER_READ}`;
    for (const row of rows) {
      signal.throwIfAborted();
      const { key } = z.object({ key: z.number() }).parse(row);
      after = key;
      const checked = await checkRun(sql, key, report, signal);
      if (checked === undefined) continue;
      summary.runs += 1;
      summary.lines += checked.lines;
      summary.chunks += checked.chunks;
    }
    if (rows.length < RUNS_PER_READ) break;
  }
  await checkJournal(sql, report, signal);
  await checkWhole(sql, report);
  return summary;
}

/** The summary as one line for people. */
export function describeSummary({ runs, lines, chunks, differences, notes }: CheckSummary): string {
  const found = differences === 0 ? 'no differences' : count(differences, 'difference');
  const noted = notes === 0 ? '' : `, ${count(notes, 'note')}`;
  return `${count(runs, 'run')}, ${count(lines, 'line')}, ${count(chunks, 'chunk')}: ${found}${noted}`;
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
