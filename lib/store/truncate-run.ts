import { z } from 'zod';
import type { Sql } from './database';
import { toStoreError } from './store-error';

/** What one step removed; `changed`: the run is pinned, gone, or was merged at the same time, and nothing of the step happened. */
export type Truncation = { kind: 'removed'; chunks: number; lines: number } | { kind: 'changed' };

const removedSchema = z.object({ chunks: z.number(), lines: z.number() });

/** Another transaction took the same rows: serialization_failure, deadlock_detected. */
const CHANGED = new Set(['40001', '40P01']);

/**
 * Removes a run's oldest chunks, at most `chunksMax` of those that end below line `before`, in one short transaction; `first_line` and the
 * counts per level follow it. Safe beside appends and merges.
 */
export async function truncateRun(sql: Sql, runKey: number, before: number, chunksMax: number): Promise<Truncation> {
  try {
    const [row] = await sql`select stratal_truncate(${runKey}, ${before}, ${chunksMax}) as removed`;
    return { kind: 'removed', ...removedSchema.parse(row?.removed) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && CHANGED.has(String(error.code))) return { kind: 'changed' };
    throw toStoreError(error);
  }
}

/** Removes an ended run that has no lines left, with its tasks; false where it has lines, is pinned, runs again or is gone. */
export async function expireRun(sql: Sql, runKey: number): Promise<boolean> {
  try {
    const [row] = await sql<Array<{ expired: boolean }>>`select stratal_expire(${runKey}) as expired`;
    return row?.expired === true;
  } catch (error) {
    throw toStoreError(error);
  }
}
