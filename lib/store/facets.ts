import { setImmediate } from 'node:timers/promises';
import type { Facets } from '@/lib/protocol/api';
import type { StoredFacet } from './chunk-codec';
import { facetKey, toFacet } from './chunk-decode';
import { CHUNKS_PER_TURN, type ChunkSummary } from './chunk-index';
import type { TaskRef } from './line-batch';
import type { PageSource } from './page';

/** Lines of a run per level, stream and task: sums over the chunk index in one read, no text. */
export async function readFacets({ index }: PageSource, runKey: number): Promise<Facets> {
  const { chunks, tasks } = await index.read(runKey);
  const facets: Facets = {
    total: 0,
    level: { info: 0, error: 0, warn: 0, debug: 0 },
    stream: { stdout: 0, stderr: 0, system: 0 },
    task: [],
  };
  const byTask = new Map<TaskRef, number>();
  for (const stored of await sumFacets(chunks)) {
    const { level, stream, task } = toFacet(stored, tasks);
    const lines = stored[3];
    facets.total += lines;
    facets.level[level] += lines;
    facets.stream[stream] = (facets.stream[stream] ?? 0) + lines;
    if (task) byTask.set(task, (byTask.get(task) ?? 0) + lines);
  }
  facets.task = [...byTask].map(([task, count]) => ({
    task_run_id: task.id,
    task_name: task.name,
    attempt: task.attempt,
    count,
  }));
  return facets;
}

/** One facet for each task, stream and level, in the order in which they first appear. */
async function sumFacets(chunks: readonly ChunkSummary[]): Promise<Iterable<StoredFacet>> {
  const sums = new Map<number, StoredFacet>();
  for (const [place, chunk] of chunks.entries()) {
    if (place % CHUNKS_PER_TURN === CHUNKS_PER_TURN - 1) await setImmediate();
    for (const stored of chunk.facets) {
      const key = facetKey(stored);
      const sum = sums.get(key);
      if (sum) sum[3] += stored[3];
      else sums.set(key, [...stored]);
    }
  }
  return sums.values();
}
