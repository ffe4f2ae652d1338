import type { LineFilter } from '@/lib/protocol/filter';
import { LEVELS } from '@/lib/protocol/log-message';
import { decodeChunkSync } from '@/lib/store/chunk-decode';
import type { Sql } from '@/lib/store/database';
import { LineBatch, type TaskRef } from '@/lib/store/line-batch';
import { mergeRun } from '@/lib/store/merge';
import type { TaskDirectory } from '@/lib/store/task-directory';
import { countChunk } from './count-chunk';
import { type ChunkPart, readChunks } from './read-chunks';
import { renderAround } from './render-around';
import { renderChunk } from './render-chunk';
import { fromScanFilter } from './scan-filter';
import type { CountTask, RenderTask, ScanResult, ScanResults, ScanTask, SearchTask } from './scan-task';
import { searchChunk } from './search-chunk';

/** Answers of a search beyond this are cut; who asked goes on behind `lastLine`. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
/** So is a search that takes longer: its rest waits behind the tasks of others, which a costly expression would hold up for minutes. */
const SEARCH_MS_MAX = 500;

/** Reads what a task asks for and works it off on this thread. A cancelled one gives something that nobody looks at. */
export async function runTask(
  task: ScanTask,
  { sql, tasks }: { sql: Sql; tasks: TaskDirectory },
  isCancelled: () => boolean,
): Promise<ScanResult> {
  if (task.kind === 'merge') return mergeRun(sql, task.runKey, task);
  const parts = await readChunks(sql, task.run.key, task.ranges, task.kind === 'count' ? 'attrs' : 'text');
  const refs = await tasks.lookUp(parts.flatMap(({ chunk }) => chunk.facets.map(([key]) => key)));
  const filter = fromScanFilter(task.filter);
  switch (task.kind) {
    case 'search':
      return search(task, parts, filter, refs, isCancelled);
    case 'count':
      return count(task, parts, filter, refs);
    case 'render':
      return render(task, parts, filter, refs, isCancelled);
  }
}

function search(
  { ranges, limit }: SearchTask,
  parts: readonly ChunkPart[],
  filter: LineFilter,
  tasks: ReadonlyMap<number, TaskRef>,
  isCancelled: () => boolean,
): ScanResults['search'] {
  const end = ranges.at(-1)?.lastLine ?? 0;
  const endsAt = performance.now() + SEARCH_MS_MAX;
  const ids: number[] = [];
  let ndjson = '';
  /** The last line before the one that there was no time for. */
  let cutAt: number | undefined;
  let looked = 0;
  for (const { chunk, span } of parts) {
    if (isCancelled()) break;
    const isDone = searchChunk(chunk, span, filter, tasks, {
      mayLook: (index) => {
        if (isCancelled()) return false;
        if (looked++ === 0 || performance.now() < endsAt) return true;
        cutAt = chunk.firstLine + index - 1;
        return false;
      },
      onMatch: (index, ranges) => {
        const id = chunk.firstLine + index;
        ids.push(id);
        ndjson += `{"id":${id},"ranges":${JSON.stringify(ranges)}}\n`;
        return ids.length < limit && ndjson.length < ANSWER_BYTES_MAX;
      },
    });
    if (!isDone) return { ids: Float64Array.from(ids), ndjson: toBytes(ndjson), lastLine: cutAt ?? ids.at(-1) ?? end };
  }
  return { ids: Float64Array.from(ids), ndjson: toBytes(ndjson), lastLine: end };
}

function count(
  { buckets }: CountTask,
  parts: readonly ChunkPart[],
  filter: LineFilter,
  tasks: ReadonlyMap<number, TaskRef>,
): ScanResults['count'] {
  const counts = new Float64Array(buckets.count * LEVELS.length);
  for (const { chunk, span } of parts) countChunk(chunk, span, filter, buckets, tasks, counts);
  return { counts };
}

async function render(
  { run, format, part }: RenderTask,
  parts: readonly ChunkPart[],
  filter: LineFilter,
  tasks: ReadonlyMap<number, TaskRef>,
  isCancelled: () => boolean,
): Promise<ScanResults['render']> {
  if (part) {
    const held = parts.map(({ chunk, span }) => ({
      ...span,
      batch: new LineBatch(run, chunk.firstLine, decodeChunkSync(chunk, tasks), chunk.textBytes),
    }));
    const lines = parts.reduce((sum, { span }) => sum + span.to - span.from, 0);
    const query = { run, format, filter, part };
    return { pieces: await renderAround(held, query, isCancelled), lines };
  }
  const pieces: Uint8Array[] = [];
  let lines = 0;
  for (const { chunk, span } of parts) {
    if (isCancelled()) break;
    pieces.push(renderChunk(chunk, span, { run, format, filter }, tasks));
    lines += span.to - span.from;
  }
  return { pieces, lines };
}

/** In memory of its own, so that it can be handed to another thread. */
function toBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
