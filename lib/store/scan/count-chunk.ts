import type { LineFilter } from '@/lib/protocol/filter';
import { matchesFacet } from '@/lib/protocol/filter-match';
import { LEVELS } from '@/lib/protocol/log-message';
import { decodeAttrs, type StoredAttrs, toFacet } from '@/lib/store/chunk-decode';
import type { TaskRef } from '@/lib/store/line-batch';
import type { LineSpan } from './search-chunk';

/** Equal stretches of time, the first from `fromUs` on. */
export interface TimeBuckets {
  fromUs: number;
  /** Exclusive; the last one may end before its full length. */
  toUs: number;
  bucketUs: number;
  count: number;
}

/** The bucket of a time; -1 where it lies in none. */
export function bucketOf({ fromUs, toUs, bucketUs }: TimeBuckets, timeUs: number): number {
  return timeUs < fromUs || timeUs >= toUs ? -1 : Math.floor((timeUs - fromUs) / bucketUs);
}

/** Place of a bucket's and level's count among the counts. */
export function countAt(bucket: number, level: number): number {
  return bucket * LEVELS.length + level;
}

/** Adds the lines of a chunk to the counts of their bucket and level. Reads no text. */
export function countChunk(
  chunk: StoredAttrs,
  span: LineSpan,
  filter: LineFilter,
  buckets: TimeBuckets,
  tasks: ReadonlyMap<number, TaskRef>,
  counts: Float64Array,
): void {
  const { facet, timeUs } = decodeAttrs(chunk);
  const levels = chunk.facets.map((stored) => (matchesFacet(filter, toFacet(stored, tasks)) ? stored[2] : -1));
  for (let index = span.from; index < span.to; index++) {
    const bucket = bucketOf(buckets, timeUs[index] ?? 0);
    const level = levels[facet[index] ?? 0] ?? -1;
    if (bucket < 0 || level < 0) continue;
    const at = countAt(bucket, level);
    counts[at] = (counts[at] ?? 0) + 1;
  }
}
