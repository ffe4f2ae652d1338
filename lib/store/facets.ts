import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import type { Facets } from '@/lib/protocol/api';
import { type StoredFacet, storedFacetsSchema } from './chunk-codec';
import { facetKey, toFacet } from './chunk-decode';
import { type ChunkSummary, IndexTurns } from './chunk-index';
import type { TaskRef } from './line-batch';
import type { PageSource } from './page';
import { toStoreError } from './store-error';

const rowSchema = z.object({ facet: storedFacetsSchema.element });

/** Lines of a run per level, stream and task: sums over the chunk index, no text. */
export async function readFacets(source: PageSource, runKey: number): Promise<Facets> {
  const { sums, tasks } = await readSums(source, runKey);
  const facets: Facets = {
    total: 0,
    level: { info: 0, error: 0, warn: 0, debug: 0 },
    stream: { stdout: 0, stderr: 0, system: 0 },
    task: [],
  };
  const byTask = new Map<TaskRef, number>();
  for (const stored of sums) {
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

interface Sums {
  /** One facet for each task, stream and level, in the order in which they first appear. */
  sums: Iterable<StoredFacet>;
  tasks: ReadonlyMap<number, TaskRef>;
}

async function readSums({ index, sql, tasks }: PageSource, runKey: number): Promise<Sums> {
  try {
    if (!(await index.isKept(runKey))) {
      // The database sums up what would be too much to take in.
      const rows = await sql`
        select jsonb_build_array(facet -> 0, facet -> 1, facet -> 2, sum((facet ->> 3)::bigint)) as facet
        from log_chunks cross join lateral jsonb_array_elements(facets) with ordinality as counted (facet, place)
        where run_key = ${runKey} group by facet -> 0, facet -> 1, facet -> 2 order by min(array[first_line, place])
      `;
      const sums = rows.map((row) => rowSchema.parse(row).facet);
      return { sums, tasks: await tasks.lookUp(sums.map(([task]) => task)) };
    }
  } catch (error) {
    throw toStoreError(error);
  }
  const known = await index.read(runKey);
  return { sums: await sumFacets(known.chunks), tasks: known.tasks };
}

async function sumFacets(chunks: readonly ChunkSummary[]): Promise<Iterable<StoredFacet>> {
  const sums = new Map<number, StoredFacet>();
  const turns = new IndexTurns();
  for (const chunk of chunks) {
    if (turns.isOverWith(chunk)) await setImmediate();
    for (const stored of chunk.facets) {
      const key = facetKey(stored);
      const sum = sums.get(key);
      if (sum) sum[3] += stored[3];
      else sums.set(key, [...stored]);
    }
  }
  return sums.values();
}
