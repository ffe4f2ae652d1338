import type { ErrorCode } from '@/lib/errors/catalogue';
import type { LinesAround } from '@/lib/protocol/lines-around';
import type { ConnectOptions } from '@/lib/store/database';
import type { MergeResult } from '@/lib/store/merge';
import type { RunHead, RunRef } from '@/lib/store/store';
import type { TimeBuckets } from './count-chunk';
import type { LineFormat } from './format-line';
import type { ScanFilter } from './scan-filter';
import type { TimeSpan } from './scan-query';

/** What scan workers are asked and answer. All of it can be cloned from thread to thread. */

/** Line numbers, both inclusive. */
export interface LineRange {
  firstLine: number;
  lastLine: number;
}

interface TaskOf<Kind extends string> {
  kind: Kind;
  run: RunRef;
  /** Ascending. */
  ranges: readonly LineRange[];
  filter: ScanFilter;
}
/** `limit`: matches at most. */
export type SearchTask = TaskOf<'search'> & { limit: number };
export type CountTask = TaskOf<'count'> & { buckets: TimeBuckets };
/** `part`: what of the ranges is made, where more than that is read to find what comes with matches. */
export type RenderTask = TaskOf<'render'> & { run: RunHead; format: LineFormat; part?: FilePart };
export interface FilePart extends LineRange {
  around: LinesAround;
  within: TimeSpan | undefined;
}
/** Merging small chunks takes as much time as a search, so it is a worker's too. */
interface MergeTask {
  kind: 'merge';
  runKey: number;
  /** Merges even two chunks. */
  isEnded: boolean;
  fromLine: number;
}
export type ScanTask = SearchTask | CountTask | RenderTask | MergeTask;

export interface ScanResults {
  search: {
    /** Numbers of the matching lines, ascending. */
    ids: Float64Array;
    /** `{"id":…,"ranges":…}` and a line feed for each of them. */
    ndjson: Uint8Array;
    /** The last line looked at: before the last range's last one where the limit, or the bound of an answer or of a task's time was reached. */
    lastLine: number;
  };
  /** By bucket and level, see `countAt`. */
  count: { counts: Float64Array };
  /** `lines`: how many of the ranges are there, whether the filter let them through or not. */
  render: { pieces: Uint8Array[]; lines: number };
  merge: MergeResult;
}
export type ScanResult = ScanResults[keyof ScanResults];

export interface ScanWorkerData {
  connection: ConnectOptions;
  /** It runs where a processor has nothing else to do; otherwise it has a low priority. */
  isIdle: boolean;
}

/** `cancelled[0]` becomes 1 where nobody waits for the answer any more. */
export interface ScanRequest {
  id: number;
  task: ScanTask;
  cancelled: Int32Array;
}

export type ScanAnswer =
  | { id: number; result: ScanResult }
  | { id: number; error: { code: ErrorCode; message: string; cause: unknown } };
