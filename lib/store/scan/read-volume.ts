import { setImmediate } from 'node:timers/promises';
import type { Volume } from '@/lib/protocol/api';
import { LEVELS } from '@/lib/protocol/log-message';
import { formatTimestamp } from '@/lib/protocol/timestamp';
import { type ChunkSummary, type FacetMatcher, facetMatcher, IndexTurns } from '@/lib/store/chunk-index';
import { bucketOf, countAt, type TimeBuckets } from './count-chunk';
import { inOrder } from './in-order';
import { planRanges } from './plan-ranges';
import { toScanFilter } from './scan-filter';
import type { VolumeQuery } from './scan-query';
import type { ScanSource } from './search-lines';

const MS = 1000;
const BOUNDS = { chunksFirst: 32, chunksMax: 32, bytesMax: Number.POSITIVE_INFINITY };

/**
 * How many lines of each level a run has in equal stretches of time. Chunks inside one stretch are counted by their facets, of the others the columns
 * are read in a worker; no text is.
 */
export async function readVolume(
  { index, pool }: ScanSource,
  query: VolumeQuery,
  signal: AbortSignal,
): Promise<Volume> {
  const { run, filter } = query;
  const { chunks, tasks } = await index.read(run.key);
  const matches = facetMatcher(filter, tasks);
  const buckets = toBuckets(chunks, query);
  const counts = new Float64Array(buckets.count * LEVELS.length);
  const apart: ChunkSummary[] = [];
  const turns = new IndexTurns();
  for (const chunk of chunks) {
    if (turns.isOverWith(chunk)) await setImmediate();
    if (chunk.maxUs < buckets.fromUs || chunk.minUs >= buckets.toUs) continue;
    const bucket = bucketOf(buckets, chunk.minUs);
    if (bucket >= 0 && bucket === bucketOf(buckets, chunk.maxUs)) addFacets(chunk, matches, bucket, counts);
    else apart.push(chunk);
  }
  const scanFilter = toScanFilter(filter);
  const plan = planRanges(apart, 1, Number.MAX_SAFE_INTEGER, BOUNDS);
  for await (const { result } of inOrder(plan, pool.tasksAhead, (ranges) =>
    pool.run({ kind: 'count', run, ranges, filter: scanFilter, buckets }, signal),
  )) {
    for (let at = 0; at < counts.length; at++) counts[at] = (counts[at] ?? 0) + (result.counts[at] ?? 0);
  }
  return {
    from: formatTimestamp(buckets.fromUs),
    to: formatTimestamp(buckets.toUs),
    bucket_ms: buckets.bucketUs / MS,
    bins: Array.from({ length: buckets.count }, (_, bucket) => toBin(buckets, bucket, counts)),
  };
}

/** Stretches of whole milliseconds, at most as many as asked for; none on a run without lines where no time was asked for. */
function toBuckets(chunks: readonly ChunkSummary[], query: VolumeQuery): TimeBuckets {
  let minUs = Number.POSITIVE_INFINITY;
  let maxUs = 0;
  for (const chunk of chunks) {
    minUs = Math.min(minUs, chunk.minUs);
    maxUs = Math.max(maxUs, chunk.maxUs);
  }
  const isEmpty = chunks.length === 0;
  const fromUs = query.fromUs ?? (isEmpty ? (query.toUs ?? 0) : Math.floor(minUs / MS) * MS);
  const toUs = Math.max(fromUs, query.toUs ?? (isEmpty ? 0 : (Math.floor(maxUs / MS) + 1) * MS));
  const bucketUs = Math.max(1, Math.ceil((toUs - fromUs) / MS / query.buckets)) * MS;
  return { fromUs, toUs, bucketUs, count: Math.ceil((toUs - fromUs) / bucketUs) };
}

function addFacets(chunk: ChunkSummary, matches: FacetMatcher, bucket: number, counts: Float64Array): void {
  for (const stored of chunk.facets) {
    if (!matches(stored)) continue;
    const at = countAt(bucket, stored[2]);
    counts[at] = (counts[at] ?? 0) + stored[3];
  }
}

function toBin({ fromUs, bucketUs }: TimeBuckets, bucket: number, counts: Float64Array): Volume['bins'][number] {
  const lines = (level: (typeof LEVELS)[number]) => counts[countAt(bucket, LEVELS.indexOf(level))] ?? 0;
  return {
    at: formatTimestamp(fromUs + bucket * bucketUs),
    info: lines('info'),
    error: lines('error'),
    warn: lines('warn'),
    debug: lines('debug'),
  };
}
