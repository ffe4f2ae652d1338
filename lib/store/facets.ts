import { z } from 'zod';
import type { Facets } from '@/lib/protocol/api';
import { storedFacetsSchema } from './chunk-codec';
import { toFacet } from './chunk-decode';
import type { TaskRef } from './line-batch';
import type { PageSource } from './page';
import { toStoreError } from './store-error';

const rowSchema = z.object({ facet: storedFacetsSchema.element });

/** Lines of a run per level, stream and task: sums over the chunk index in one read, no text. */
export async function readFacets({ sql, tasks }: PageSource, runKey: number): Promise<Facets> {
  const sums = await readSums(sql, runKey);
  const refs = await tasks.lookUp(sums.map(([task]) => task));
  const facets: Facets = {
    total: 0,
    level: { info: 0, error: 0, warn: 0, debug: 0 },
    stream: { stdout: 0, stderr: 0, system: 0 },
    task: [],
  };
  const byTask = new Map<TaskRef, number>();
  for (const stored of sums) {
    const { level, stream, task } = toFacet(stored, refs);
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
async function readSums(sql: PageSource['sql'], runKey: number): Promise<Array<z.infer<typeof rowSchema>['facet']>> {
  try {
    const rows = await sql`
      select jsonb_build_array(facet -> 0, facet -> 1, facet -> 2, sum((facet ->> 3)::bigint)) as facet
      from log_chunks cross join lateral jsonb_array_elements(facets) with ordinality as counted (facet, place)
      where run_key = ${runKey} group by facet -> 0, facet -> 1, facet -> 2 order by min(array[first_line, place])
    `;
    return rows.map((row) => rowSchema.parse(row).facet);
  } catch (error) {
    throw toStoreError(error);
  }
}
