import { LEVELS, type Level } from '@/lib/protocol/log-message';
import type { StoredFacet } from '@/lib/store/chunk-codec';

export type LevelCounts = Record<Level, number>;

/** Sums over the chunks of a run. */
export class RunTotals {
  lines = 0;
  bytes = 0;
  /** False once a chunk could not be read, so that its lines are in no sum. */
  areComplete = true;
  readonly levels: LevelCounts = noLines();
  /** Per task key; lines of no task are left out. */
  readonly tasks = new Map<number, LevelCounts>();

  add(facets: readonly StoredFacet[], messageBytes: number): void {
    this.bytes += messageBytes;
    for (const [task, , levelIndex, lines] of facets) {
      const level = LEVELS[levelIndex] ?? 'info';
      this.lines += lines;
      this.levels[level] += lines;
      if (task === 0) continue;
      const counts = this.tasks.get(task) ?? noLines();
      counts[level] += lines;
      this.tasks.set(task, counts);
    }
  }
}

export function noLines(): LevelCounts {
  return { info: 0, error: 0, warn: 0, debug: 0 };
}
