import type { Facets } from '@/lib/protocol/api';
import { toFacet } from './chunk-decode';
import { readChunkIndex } from './chunk-index';
import type { TaskRef } from './line-batch';
import type { PageSource } from './page';

/** Lines of a run per level, stream and task: sums over the chunk index, no text read. */
export async function readFacets({ sql, tasks }: PageSource, runKey: number): Promise<Facets> {
  const index = await readChunkIndex(sql, tasks, runKey);
  const facets: Facets = {
    total: 0,
    level: { info: 0, error: 0, warn: 0, debug: 0 },
    stream: { stdout: 0, stderr: 0, system: 0 },
    task: [],
  };
  const byTask = new Map<TaskRef, number>();
  for (const chunk of index.chunks) {
    for (const stored of chunk.facets) {
      const { level, stream, task } = toFacet(stored, index.tasks);
      const lines = stored[3];
      facets.total += lines;
      facets.level[level] += lines;
      facets.stream[stream] = (facets.stream[stream] ?? 0) + lines;
      if (task) byTask.set(task, (byTask.get(task) ?? 0) + lines);
    }
  }
  facets.task = [...byTask].map(([task, count]) => ({
    task_run_id: task.id,
    task_name: task.name,
    attempt: task.attempt,
    count,
  }));
  return facets;
}
